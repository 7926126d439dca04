using System.Collections.Immutable;
using System.Text.Json.Serialization;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>What two people have to do with each other, made of a feature of either.</summary>
public enum PairKind
{
    /// <summary>
    /// Tags in common (places visited, friends, cells): log count, Jaccard's index, Adamic and Adar's sum (2003), cosine
    /// weighted by rarity, both sizes together and apart.
    /// </summary>
    Overlap,

    /// <summary>Cosine and inner product of the two encoded features.</summary>
    Similarity,

    /// <summary>Of positions: log kilometres, same cell of about a kilometre, sine and cosine of the bearing.</summary>
    Distance,

    /// <summary>
    /// How many times both were in the same cell, or had the same value of a history, each mention a visit: log of matched
    /// visits, of pairs of visits, share matched, log of the most in one cell. A position is one visit to its cell.
    /// </summary>
    SameCell,
}

/// <summary>One pair feature: fitted once, on training rows only, and computed by the same code ever after.</summary>
/// <param name="User">The user's feature.</param>
/// <param name="Candidate">The candidate's feature.</param>
/// <param name="Mean">One per number.</param>
/// <param name="Scale">One over the standard deviation.</param>
public sealed record PairSpec(
    string Name,
    PairKind Kind,
    string User,
    string Candidate,
    ImmutableArray<double> Mean,
    ImmutableArray<double> Scale
)
{
    /// <summary>Overlap: how many people have a tag; null for other kinds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TagFrequencies? Frequencies { get; init; }

    /// <summary>The numbers, then "missing".</summary>
    [JsonIgnore]
    public int Width => NumbersOf(Kind) + 1;

    public static int NumbersOf(PairKind kind) =>
        kind switch
        {
            PairKind.Overlap => TagBag.Numbers,
            PairKind.Similarity => 2,
            PairKind.SameCell => VisitCounts.Numbers,
            _ => GeoPoint.Numbers,
        };

    /// <summary>Writes <see cref="Width"/> numbers.</summary>
    public void Encode(PairSide user, PairSide candidate, Span<float> target)
    {
        target.Clear();
        Span<double> raw = stackalloc double[Width - 1];
        if (!Compare(user, candidate, raw))
        {
            target[^1] = 1;
            return;
        }

        for (var k = 0; k < raw.Length; k++)
        {
            target[k] = (float)Math.Clamp((raw[k] - Mean[k]) * Scale[k], -10, 10);
        }
    }

    /// <summary>The numbers before scaling; false where a side lacks the feature.</summary>
    internal bool Compare(PairSide user, PairSide candidate, Span<double> raw)
    {
        switch (Kind)
        {
            case PairKind.Overlap when user.Bag is { } a && candidate.Bag is { } b:
                a.Compare(b, raw);
                return true;
            case PairKind.Distance when user.Point is { } a && candidate.Point is { } b:
                a.Compare(b, raw);
                return true;
            case PairKind.SameCell when user.Visits is { } a && candidate.Visits is { } b:
                a.Compare(b, raw);
                return true;
            case PairKind.Similarity when user.Slice is { Length: > 0 } a && candidate.Slice.Length == a.Length:
                Compare(a.Span, candidate.Slice.Span, raw);
                return true;
            default:
                return false;
        }
    }

    /// <summary>One side's part, prepared once for any number of pairs.</summary>
    internal PairSide Prepare(Feature? feature, ReadOnlyMemory<float> encoded) =>
        (Kind, feature?.ValueCase) switch
        {
            (PairKind.Overlap, Feature.ValueOneofCase.Texts) => new PairSide
            {
                Bag = TagBag.Of(feature!.Texts, Frequencies!),
            },
            (PairKind.Distance, Feature.ValueOneofCase.Position) => new PairSide
            {
                Point = new GeoPoint(feature!.Position.Latitude, feature.Position.Longitude),
            },
            (PairKind.SameCell, Feature.ValueOneofCase.Texts) => new PairSide
            {
                Visits = VisitCounts.Of(feature!.Texts),
            },
            (PairKind.SameCell, Feature.ValueOneofCase.Position) => new PairSide
            {
                Visits = VisitCounts.Of(new GeoPoint(feature!.Position.Latitude, feature.Position.Longitude)),
            },
            (PairKind.Similarity, not null and not Feature.ValueOneofCase.None) => new PairSide { Slice = encoded },
            _ => PairSide.Missing,
        };

    private static void Compare(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<double> raw)
    {
        var (dot, aa, bb) = (0.0, 0.0, 0.0);
        for (var k = 0; k < a.Length; k++)
        {
            dot += a[k] * b[k];
            aa += a[k] * a[k];
            bb += b[k] * b[k];
        }

        raw[0] = aa == 0 || bb == 0 ? 0 : dot / Math.Sqrt(aa * bb);
        raw[1] = dot / a.Length;
    }
}
