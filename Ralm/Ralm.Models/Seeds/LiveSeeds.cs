using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace Ralm.Models.Seeds;

/// <summary>One seed as one model sees it.</summary>
/// <param name="Transformed">The representation as the model compares it.</param>
internal sealed record SeedVector(string UserId, float[] Representation, float[] Transformed);

/// <summary>
/// The seeds of one candidate on a node that serves. A new seed joins the nearest cluster at once; clusters are made anew
/// when somebody asks for it. Up to as many seeds as clusters each is a cluster of its own. Immutable: a request keeps
/// what it was given, whatever comes in meanwhile.
/// </summary>
/// <param name="Seeds">In the order of their user ids, each once.</param>
/// <param name="Clustered">Seeds when the clusters were made.</param>
/// <param name="Changes">Seeds that have come or gone since.</param>
internal sealed record LiveSeeds(
    int Width,
    int MaxClusters,
    ulong Seed,
    ImmutableArray<SeedVector> Seeds,
    SeedClusters Clusters,
    int Clustered,
    int Changes
)
{
    public int Count => Seeds.Length;

    /// <summary>All clusters behind these are empty.</summary>
    public int ClustersUsed => Math.Min(Count, MaxClusters);

    /// <param name="seed">Of the clusters' first places.</param>
    public static LiveSeeds Of(int width, int clusters, ulong seed, IEnumerable<SeedVector> seeds)
    {
        ImmutableArray<SeedVector> all = [.. seeds.OrderBy(s => s.UserId, StringComparer.Ordinal)];
        return new LiveSeeds(width, clusters, seed, all, new SeedClusters([], [], []), 0, 0).Anew();
    }

    /// <summary>The place of a user's seed; negative: it has none.</summary>
    public int IndexOf(string userId) => Seeds.AsSpan().BinarySearch(new ById(userId));

    /// <summary>All clusters made anew, by the seeds alone.</summary>
    public LiveSeeds Anew()
    {
        if (Count == 0)
        {
            // Most candidates there are.
            return this with { Clusters = new SeedClusters([], [], []), Clustered = 0, Changes = 0 };
        }

        var of = Flat(s => s.Representation);
        var clusters =
            Count > MaxClusters
                ? SeedClusters.Of(of, Flat(s => s.Transformed), Width, MaxClusters, Seed)
                : SeedClusters.Of(of, Width, Count, [.. Enumerable.Range(0, Count).Select(k => (byte)k)]);
        return this with { Clusters = clusters, Clustered = Count, Changes = 0 };
    }

    /// <summary>With these seeds, new or renewed, and without those. Seeds that stay keep their cluster.</summary>
    public LiveSeeds With(IReadOnlyCollection<SeedVector> joined, IReadOnlyCollection<string> gone)
    {
        if (joined.Count + gone.Count == 0)
        {
            return this;
        }

        var left = gone.Concat(joined.Select(s => s.UserId)).ToHashSet(StringComparer.Ordinal);
        var stay = Seeds.Where(s => !left.Contains(s.UserId));
        var next = this with { Seeds = [.. stay.Concat(joined).OrderBy(s => s.UserId, StringComparer.Ordinal)] };
        if (next.Count <= MaxClusters || Count <= MaxClusters)
        {
            return next.Anew();
        }

        var centres = Centres();
        byte[] assignment =
        [
            .. next.Seeds.Select(s =>
                left.Contains(s.UserId) ? Nearest(s.Transformed, centres) : Clusters.Assignment[IndexOf(s.UserId)]
            ),
        ];
        return next with
        {
            Clusters = SeedClusters.Of(next.Flat(s => s.Representation), Width, MaxClusters, assignment),
            Changes = Changes + joined.Count + gone.Count,
        };
    }

    public int CountWithout(string userId) => Count - (IndexOf(userId) < 0 ? 0 : 1);

    /// <summary>Writes the clusters and returns how many seeds are in them.</summary>
    /// <param name="except">A user who is left out, as in training: what is asked for must not be among the inputs. Null:
    /// nobody.</param>
    public int Write(string? except, Span<float> centres, Span<float> logSizes)
    {
        if (except is null || IndexOf(except) is var place && place < 0)
        {
            Clusters.Write(-1, default, centres, logSizes);
            return Count;
        }

        Clusters.Write(Clusters.Assignment[place], Seeds[place].Representation, centres, logSizes);
        return Count - 1;
    }

    private float[] Flat(Func<SeedVector, float[]> of)
    {
        var flat = new float[Count * Width];
        for (var k = 0; k < Count; k++)
        {
            of(Seeds[k]).CopyTo(flat.AsSpan(k * Width));
        }

        return flat;
    }

    /// <summary>Means of the clusters in the space they were made in; an empty cluster has none.</summary>
    private (byte Cluster, float[] Centre)[] Centres()
    {
        var sums = SeedClusters.Of(Flat(s => s.Transformed), Width, MaxClusters, Clusters.Assignment);
        return
        [
            .. Enumerable
                .Range(0, MaxClusters)
                .Where(c => sums.Sizes[c] > 0)
                .Select(c =>
                {
                    var centre = new float[Width];
                    TensorPrimitives.Divide(sums.Sums.AsSpan(c * Width, Width), sums.Sizes[c], centre);
                    return ((byte)c, centre);
                }),
        ];
    }

    private static byte Nearest(float[] transformed, (byte Cluster, float[] Centre)[] centres) =>
        centres.MinBy(c => TensorPrimitives.Distance<float>(transformed, c.Centre)).Cluster;

    private readonly record struct ById(string UserId) : IComparable<SeedVector>
    {
        public int CompareTo(SeedVector? other) => string.CompareOrdinal(UserId, other?.UserId);
    }
}
