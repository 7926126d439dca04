using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// The lineages that a node serves: asks each, again and again, to be told its weights whenever they are others, and hands them to
/// the workers. Until the first have come, and whenever there is trouble, the lineage's checkpoints serve.
/// </summary>
/// <param name="regions">Has that of <see cref="LineageRegion"/>.</param>
internal sealed class FollowedLineages(
    IReadOnlyActorRegistry regions,
    IReadOnlyCollection<IActorRef> workers,
    IActorRef scorer
)
{
    private readonly FollowedWeights _weights = new();
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

    public void Follow(IEnumerable<string> lineages)
    {
        var served = lineages.ToHashSet(StringComparer.Ordinal);
        foreach (var left in _followed.Except(served).ToArray())
        {
            _followed.Remove(left);
            _weights.Forget(left);
            TellWorkers(new ScorerWorkerActor.LeaveLineage(left));
        }

        foreach (var lineage in served.Where(_followed.Add))
        {
            Ask(lineage);
        }
    }

    public void AskAgain()
    {
        _failed.Clear();
        foreach (var lineage in _followed)
        {
            Ask(lineage);
        }
    }

    /// <param name="artifact">One of the lineage's; null: none is known yet.</param>
    public void Hear(PublishedWeights piece, ArtifactRef? artifact)
    {
        if (
            artifact is not null
            && _followed.Contains(piece.LineageId)
            && !_failed.Contains(piece.LineageId)
            && _weights.Add(piece) is { } learned
        )
        {
            TellWorkers(new ScorerWorkerActor.Adopt(learned, artifact));
        }
    }

    /// <summary>A worker could not take them: they are asked for again, later.</summary>
    public void Hear(ScorerWorkerActor.AdoptFailed m)
    {
        _failed.Add(m.LineageId);
        _weights.Forget(m.LineageId);
    }

    private void Ask(string lineageId)
    {
        var (rollbacks, batchNr) = _weights.Known(lineageId);
        regions
            .Get<LineageRegion>()
            .Tell(
                new FollowWeights
                {
                    LineageId = lineageId,
                    KnownRollbacks = rollbacks,
                    KnownBatchNr = batchNr,
                },
                scorer
            );
    }

    private void TellWorkers(object message)
    {
        foreach (var worker in workers)
        {
            worker.Tell(message, scorer);
        }
    }
}
