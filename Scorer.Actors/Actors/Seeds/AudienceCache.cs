using Ralm.Models.Seeds;
using RalmActors.Scorer.Domain.Seeds;

namespace RalmActors.Scorer.Actors;

/// <summary>One candidate that was asked for.</summary>
internal sealed class KeptAudience(string userId)
{
    public string UserId { get; } = userId;

    public FollowedAudience Audience { get; } = new();

    /// <summary>Its seeds as the models see them, by the tag of what seeds depend on.</summary>
    public Dictionary<uint, LiveSeeds> Seen { get; } = [];

    /// <summary>A request has waited for it in vain.</summary>
    public bool WaitedFor { get; set; }

    public bool IsUsed { get; set; }

    /// <summary>The first change since all clusters were made; null: none.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>Seeds counted for it.</summary>
    public int Size { get; set; }
}

/// <summary>The candidates asked for, the latest first; those asked for longest ago go when there are too many.</summary>
internal sealed class AudienceCache(int mostSeeds, int mostCandidates)
{
    private readonly Dictionary<string, LinkedListNode<KeptAudience>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<KeptAudience> _latestFirst = new();

    public int Seeds { get; private set; }

    public IEnumerable<KeptAudience> All => _latestFirst;

    public KeptAudience? Find(string id) => _byId.TryGetValue(id, out var node) ? node.Value : null;

    public KeptAudience Use(string id, out bool isNew)
    {
        isNew = !_byId.TryGetValue(id, out var node);
        if (node is null)
        {
            _byId[id] = node = new LinkedListNode<KeptAudience>(new KeptAudience(id));
        }
        else
        {
            _latestFirst.Remove(node);
        }

        _latestFirst.AddFirst(node);
        node.Value.IsUsed = true;
        LetGo();
        return node.Value;
    }

    /// <summary>Its seeds have changed.</summary>
    public void Resized(KeptAudience kept)
    {
        Seeds += kept.Audience.Count - kept.Size;
        kept.Size = kept.Audience.Count;
        LetGo();
    }

    /// <summary>Asked for since this was called last.</summary>
    public IEnumerable<KeptAudience> UsedSinceLastCall()
    {
        foreach (var kept in _latestFirst.Where(k => k.IsUsed))
        {
            kept.IsUsed = false;
            yield return kept;
        }
    }

    private void LetGo()
    {
        while (_latestFirst.Count > 1 && (Seeds > mostSeeds || _latestFirst.Count > mostCandidates))
        {
            var oldest = _latestFirst.Last!.Value;
            _latestFirst.RemoveLast();
            _byId.Remove(oldest.UserId);
            Seeds -= oldest.Size;
        }
    }
}
