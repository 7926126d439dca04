using Akka.Actor;
using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Ranking.Seeds;
using RalmActors.Messages.Learning;
using RalmActors.Scorer.Domain.Seeds;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// The models that see seeds. Those whose weights agree in all that seeds depend on, such as the checkpoints of one
/// lineage, share what they see.
/// </summary>
internal sealed class SeededModels(ClusterRule rule)
{
    private readonly Dictionary<uint, ServingModel> _byTag = [];
    private readonly Dictionary<string, uint> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<IActorRef>> _owners = new(StringComparer.Ordinal);

    public bool Has(string hash) => _tags.ContainsKey(hash);

    public void Add(string hash, ServingModel model)
    {
        _tags[hash] = model.LookAlikeTag;
        if (!_byTag.TryAdd(model.LookAlikeTag, model))
        {
            model.Dispose();
        }
    }

    /// <param name="owner">Whoever needs it; it goes with the last of them.</param>
    public void Hold(string hash, IActorRef owner)
    {
        if (!_owners.TryGetValue(hash, out var owners))
        {
            _owners[hash] = owners = [];
        }

        owners.Add(owner);
    }

    public void LetGo(string hash, IActorRef owner, IEnumerable<KeptAudience> audiences)
    {
        if (!_owners.TryGetValue(hash, out var owners) || !owners.Remove(owner) || owners.Count > 0)
        {
            return;
        }

        _owners.Remove(hash);
        if (!_tags.Remove(hash, out var tag) || _tags.ContainsValue(tag))
        {
            return;
        }

        _byTag.Remove(tag, out var model);
        model!.Dispose();
        foreach (var kept in audiences)
        {
            kept.Seen.Remove(tag);
        }
    }

    public bool IsReciprocal(string hash) => _tags.TryGetValue(hash, out var tag) && _byTag[tag].Schema.Reciprocal;

    /// <summary>Audiences that the model has not seen yet.</summary>
    public IEnumerable<KeptAudience> Unseen(string hash, IEnumerable<KeptAudience> audiences) =>
        audiences.Where(a => !a.Seen.ContainsKey(_tags[hash]));

    /// <summary>The whole audience as the model sees it.</summary>
    public void See(string hash, KeptAudience kept)
    {
        if (_tags.TryGetValue(hash, out var tag))
        {
            kept.Seen[tag] = Of(_byTag[tag], kept, kept.Audience.Seeds);
        }
    }

    /// <param name="isFirstWhole">What was known before was a part: clusters are made of all of it, not of that part.</param>
    public void Follow(KeptAudience kept, IReadOnlyList<Seed> joined, IReadOnlyList<string> gone, bool isFirstWhole)
    {
        foreach (var (tag, model) in _byTag)
        {
            var next =
                kept.Seen.TryGetValue(tag, out var seen) && !isFirstWhole
                    ? seen.With(model.Represent(joined), gone)
                    : Of(model, kept, kept.Audience.Seeds);
            kept.Seen[tag] = rule.IsDue(next.Changes, next.Clustered, TimeSpan.Zero) ? next.Anew() : next;
        }
    }

    public static bool HasChanged(KeptAudience kept) => kept.Seen.Values.Any(s => s.Changes > 0);

    public static void Cluster(KeptAudience kept)
    {
        foreach (var (tag, seen) in kept.Seen.Where(s => s.Value.Changes > 0).ToArray())
        {
            kept.Seen[tag] = seen.Anew();
        }
    }

    /// <param name="candidates">In the request's order; null: not kept.</param>
    /// <param name="user">Its own counts where candidates are users.</param>
    public RequestSeeds? SeedsOf(string hash, IReadOnlyCollection<KeptAudience?> candidates, KeptAudience? user)
    {
        if (!_tags.TryGetValue(hash, out var tag))
        {
            return null;
        }

        var isReciprocal = IsReciprocal(hash);
        return new RequestSeeds(
            [.. candidates.Select(a => a?.Seen.GetValueOrDefault(tag))],
            isReciprocal ? user?.Seen.GetValueOrDefault(tag) : null
        )
        {
            Pending =
                candidates.Count(a => a?.Audience.IsKnown is not true)
                + (isReciprocal && user?.Audience.IsKnown is not true ? 1 : 0),
        };
    }

    public void Close()
    {
        foreach (var model in _byTag.Values)
        {
            model.Dispose();
        }
    }

    private static LiveSeeds Of(ServingModel model, KeptAudience kept, IReadOnlyCollection<Seed> seeds) =>
        LiveSeeds.Of(
            model.Seeded!.RepresentationWidth,
            model.Seeded.Clusters,
            ClusterStart.Of(kept.UserId),
            model.Represent(seeds)
        );
}
