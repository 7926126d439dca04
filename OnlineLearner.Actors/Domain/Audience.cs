using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>
/// The newest users who responded to one user, each once. Which they are follows from the responses alone, not from the
/// order they arrive in: a seed comes back neither by repetition nor late, once it was let go for newer ones.
/// </summary>
/// <param name="Version">Seeds that have joined or been renewed so far.</param>
/// <param name="LetGo">The newest of those let go, without features; null: none yet.</param>
/// <param name="Bytes">What the seeds take on the wire.</param>
public sealed record Audience(ImmutableSortedDictionary<string, KeptSeed> ByUser, long Version, Seed? LetGo, long Bytes)
{
    /// <summary>Whatever the number of seeds: a user must fit memory and a snapshot.</summary>
    public const int MaxBytes = AudienceBounds.MaxBytes;

    /// <summary>Seeds of one reply, which must fit a remoting frame of 128,000 bytes.</summary>
    public const int MaxReplyBytes = 64 * 1024;

    public static readonly Audience Empty = new(
        ImmutableSortedDictionary.Create<string, KeptSeed>(StringComparer.Ordinal),
        0,
        null,
        0
    );

    public int Count => ByUser.Count;

    public IEnumerable<Seed> Seeds => ByUser.Values.Select(s => s.ToMessage());

    /// <summary>What the audience would remember of a response; null when it knows it, or knows enough newer ones.</summary>
    /// <param name="told">Without a version.</param>
    /// <param name="now">A response from the future happened now: it must not stay newest for ever.</param>
    public Seed? Take(Seed told, DateTimeOffset now)
    {
        var latest = Timestamp.FromDateTimeOffset(now);
        var at = told.At is null || told.At.CompareTo(latest) > 0 ? latest : told.At;
        var known = ByUser.GetValueOrDefault(told.UserId);
        if (known is not null && Knows(known, told, at))
        {
            return null;
        }

        // A response says better who the user is; training data may know that it is newer.
        var says = known?.SampleSeq > told.SampleSeq ? known.ToMessage() : told;
        var seed = new Seed
        {
            UserId = told.UserId,
            Features = says.Features,
            SampleSeq = says.SampleSeq,
            // A seed never grows older by being renewed.
            At = known is not null && known.At.CompareTo(at) > 0 ? known.At : at,
            Version = Version + 1,
        };
        return LetGo is null || Age((seed.At, seed.UserId), (LetGo.At, LetGo.UserId)) > 0 ? seed : null;
    }

    /// <summary>The same of several, one behind the other.</summary>
    public ImmutableArray<Seed> Take(IEnumerable<Seed> told, int keep, DateTimeOffset now)
    {
        var (next, taken) = (this, ImmutableArray.CreateBuilder<Seed>());
        foreach (var one in told)
        {
            if (next.Take(one, now) is { } seed)
            {
                taken.Add(seed);
                next = next.With(seed, keep);
            }
        }

        return taken.ToImmutable();
    }

    public Audience With(Seed seed, int keep)
    {
        var kept = KeptSeed.Of(seed);
        var next = this with
        {
            ByUser = ByUser.SetItem(seed.UserId, kept),
            Version = seed.Version,
            Bytes = Bytes + kept.Bytes - (ByUser.GetValueOrDefault(seed.UserId)?.Bytes ?? 0),
        };
        while (next.Count > 1 && (next.Count > keep || next.Bytes > MaxBytes))
        {
            next = next.WithoutOldest();
        }

        return next;
    }

    /// <summary>What joined after the version known, oldest first, as much as fits.</summary>
    public AudienceReply Since(string userId, long knownVersion)
    {
        var reply = new AudienceReply
        {
            UserId = userId,
            Version = Version,
            EvictedThrough = LetGo,
            Size = Count,
        };
        var bytes = 0;
        foreach (var seed in ByUser.Values.Where(s => s.Version > knownVersion).OrderBy(s => s.Version))
        {
            bytes += seed.Bytes;
            if (bytes > MaxReplyBytes && reply.Seeds.Count > 0)
            {
                reply.More = true;
                reply.Version = reply.Seeds[^1].Version;
                break;
            }

            reply.Seeds.Add(seed.ToMessage());
        }

        return reply;
    }

    public static Audience Restored(IEnumerable<Seed> seeds, long version, Seed? letGo)
    {
        var byUser = seeds.ToImmutableSortedDictionary(s => s.UserId, KeptSeed.Of, StringComparer.Ordinal);
        return new Audience(byUser, version, letGo, byUser.Values.Sum(s => (long)s.Bytes));
    }

    private Audience WithoutOldest()
    {
        var oldest = ByUser.Values.Aggregate((a, b) => Age((a.At, a.UserId), (b.At, b.UserId)) <= 0 ? a : b);
        return this with
        {
            ByUser = ByUser.Remove(oldest.UserId),
            Bytes = Bytes - oldest.Bytes,
            LetGo =
                LetGo is null || Age((oldest.At, oldest.UserId), (LetGo.At, LetGo.UserId)) > 0
                    ? new Seed { UserId = oldest.UserId, At = oldest.At }
                    : LetGo,
        };
    }

    /// <summary>A lower sample number is old; what training data says, which has none, is new where it is newer or other.</summary>
    private static bool Knows(KeptSeed known, Seed told, Timestamp at) =>
        told.SampleSeq > 0
            ? known.SampleSeq >= told.SampleSeq
            : known.At.CompareTo(at) is var age
                && (age > 0 || (age == 0 && (known.SampleSeq > 0 || known.Says(told.Features))));

    /// <summary>Below 0: <paramref name="a"/> is older.</summary>
    private static int Age((Timestamp At, string UserId) a, (Timestamp At, string UserId) b) =>
        a.At.CompareTo(b.At) is var age and not 0 ? age : string.CompareOrdinal(a.UserId, b.UserId);
}
