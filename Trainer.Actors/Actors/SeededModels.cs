using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Torch;
using RalmActors.Trainer.Torch.Sessions;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The models that see seeds. Those whose weights agree in all that seeds depend on, such as the checkpoints of one
/// lineage, share what they see.
/// </summary>
/// <param name="clusterAfterChange">Share of changed seeds after which clusters are made anew.</param>
internal sealed class SeededModels(double clusterAfterChange)
{
    private readonly Dictionary<uint, ServingModel> _byTag = [];
    private readonly Dictionary<string, uint> _tags = new(StringComparer.Ordinal);

    /// <summary>False: another artefact's model sees seeds alike, and this one is disposed of.</summary>
    public bool Add(string hash, ServingModel model)
    {
        _tags[hash] = model.LookAlikeTag;
        if (_byTag.TryAdd(model.LookAlikeTag, model))
        {
            return true;
        }

        model.Dispose();
        return false;
    }

    public void Remove(string hash, IEnumerable<KeptAudience> audiences)
    {
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

    /// <summary>The whole audience as the model sees it.</summary>
    public void See(string hash, KeptAudience kept)
    {
        if (_tags.TryGetValue(hash, out var tag))
        {
            kept.Seen[tag] = Of(_byTag[tag], kept, kept.Audience.Seeds);
        }
    }

    public void Follow(KeptAudience kept, IReadOnlyList<Seed> joined, IReadOnlyList<string> gone)
    {
        foreach (var (tag, model) in _byTag)
        {
            var next = kept.Seen.TryGetValue(tag, out var seen)
                ? seen.With(model.Represent(joined), gone)
                : Of(model, kept, kept.Audience.Seeds);
            kept.Seen[tag] = next.Changes > clusterAfterChange * next.Clustered ? next.Anew() : next;
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

    /// <param name="audiences">Of the candidates, in order, and behind them the user's own if it counts.</param>
    public RequestSeeds? SeedsOf(string hash, IEnumerable<KeptAudience?> audiences, Score request)
    {
        if (!_tags.TryGetValue(hash, out var tag))
        {
            return null;
        }

        ImmutableArray<LiveSeeds?> seen = [.. audiences.Select(a => a?.Seen.GetValueOrDefault(tag))];
        return seen.Length == request.Candidates.Count
            ? new RequestSeeds(seen, null)
            : new RequestSeeds(seen[..^1], seen[^1]);
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
            SeedStream.Mix(4, XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(kept.UserId))),
            model.Represent(seeds)
        );
}
