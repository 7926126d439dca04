using RalmActors.Messages.Learning;

namespace RalmActors.Scorer.Domain.Seeds;

/// <summary>A copy of one user's audience, kept up to date by asking for what is newer than the version it has.</summary>
public sealed class FollowedAudience
{
    private readonly Dictionary<string, Seed> _seeds = new(StringComparer.Ordinal);

    public long Version { get; private set; }

    /// <summary>It has been told everything once; before that it may have a part.</summary>
    public bool IsKnown { get; private set; }

    public int Count => _seeds.Count;

    public IReadOnlyCollection<Seed> Seeds => _seeds.Values;

    /// <summary>Takes a reply in, whether late, repeated or a part.</summary>
    /// <returns>Seeds that are new or renewed, and users that are no longer among them.</returns>
    public (IReadOnlyList<Seed> Joined, IReadOnlyList<string> Gone) Follow(AudienceReply reply)
    {
        var joined = reply.Seeds.Where(s => _seeds.GetValueOrDefault(s.UserId)?.Version is not { } v || v < s.Version);
        var added = joined.Where(s => reply.EvictedThrough is null || Age(s, reply.EvictedThrough) > 0).ToList();
        foreach (var seed in added)
        {
            _seeds[seed.UserId] = seed;
        }

        List<string> gone = [];
        if (reply.EvictedThrough is not null)
        {
            gone.AddRange(_seeds.Values.Where(s => Age(s, reply.EvictedThrough) <= 0).Select(s => s.UserId));
            gone.ForEach(id => _seeds.Remove(id));
        }

        Version = Math.Max(Version, reply.Version);
        IsKnown |= !reply.More;
        return (added, gone);
    }

    /// <summary>As the audience itself orders its seeds.</summary>
    private static int Age(Seed a, Seed b) =>
        a.At.CompareTo(b.At) is var age and not 0 ? age : string.CompareOrdinal(a.UserId, b.UserId);
}
