using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// Has every worker of a node load what is to serve, and the keeper of its seeds where a model sees some. One that cannot be
/// loaded is looked for again and again, with growing pauses: its file may come back.
/// </summary>
/// <param name="keeper">Of the node's seeds.</param>
/// <param name="timers">Of the scorer, that hears the answers.</param>
/// <param name="loaded">Told of an artefact that every worker has.</param>
/// <param name="failed">Told of one that cannot be had now: another may stand in for it meanwhile.</param>
/// <param name="again">Told when one that has failed may be tried again.</param>
internal sealed class ModelLoader(
    IReadOnlyCollection<IActorRef> workers,
    IActorRef keeper,
    ScorerOptions options,
    ITimerScheduler timers,
    Action<string> loaded,
    Action<string> failed,
    Action again
)
{
    private readonly ArtifactLoads _loads = new(workers.Count);
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);

    public bool IsSeeded(string hash) => _loads.IsSeeded(hash);

    /// <summary>True: every worker has it already.</summary>
    public bool Load(ArtifactRef artifact)
    {
        if (_loads.IsLoaded(artifact.Hash))
        {
            return true;
        }

        if (!_paused.Contains(artifact.Hash) && _loads.Start(artifact.Hash))
        {
            timers.After(TooSlow(artifact.Hash), options.LoadWithin, () => failed(artifact.Hash));
            TellWorkers(new ScorerWorkerActor.Load(artifact));
        }

        return false;
    }

    /// <summary>A worker has it.</summary>
    public void Hear(ScorerWorkerActor.Loaded m) => Answered(m.Artifact, good: true, m.Seeded);

    /// <summary>A worker cannot have it.</summary>
    public void Hear(ScorerWorkerActor.LoadFailed m) => Answered(m.Artifact, good: false, seeded: false);

    /// <summary>The keeper has seen its seeds, or cannot.</summary>
    public void Hear(SeedCacheActor.Ready m) => Continue(m.Hash, _loads.Finish(m.Hash, m.Good));

    /// <summary>The keeper of the seeds had to start again.</summary>
    public void SeeSeedsAgain()
    {
        foreach (var artifact in _loads.Seeded)
        {
            keeper.Tell(new SeedCacheActor.Load(artifact));
        }
    }

    public void UnloadAllBut(IEnumerable<string> needed)
    {
        foreach (var (hash, seeded) in _loads.LetGo(needed))
        {
            if (seeded)
            {
                keeper.Tell(new SeedCacheActor.Unload(hash));
            }

            TellWorkers(new ScorerWorkerActor.Unload(hash));
        }
    }

    private void Answered(ArtifactRef artifact, bool good, bool seeded)
    {
        var step = _loads.Answered(artifact, good, seeded);
        if (step == LoadStep.SeeSeeds)
        {
            keeper.Tell(new SeedCacheActor.Load(artifact));
        }

        Continue(artifact.Hash, step);
    }

    private void Continue(string hash, LoadStep step)
    {
        switch (step)
        {
            case LoadStep.Loaded:
                timers.Cancel(TooSlow(hash));
                _failures.Remove(hash);
                loaded(hash);
                break;
            case LoadStep.Failed:
                timers.Cancel(TooSlow(hash));
                Pause(hash);
                failed(hash);
                break;
        }
    }

    private void Pause(string hash)
    {
        var failures = _failures[hash] = _failures.GetValueOrDefault(hash) + 1;
        _paused.Add(hash);
        timers.After(
            $"again {hash}",
            Backoff.After(options.LoadAgainAfter, failures, options.MaxLoadAgainAfter),
            () =>
            {
                _paused.Remove(hash);
                again();
            }
        );
    }

    private void TellWorkers(object message)
    {
        foreach (var worker in workers)
        {
            worker.Tell(message);
        }
    }

    private static string TooSlow(string hash) => $"slow {hash}";
}
