using Akka.Actor;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

/// <summary>Runs with several workers: the device itself and actors below it, here or on other nodes.</summary>
/// <param name="context">Of the device, whose children they are.</param>
/// <param name="nodes">Where workers may be.</param>
internal sealed class ParallelRuns(IActorContext context, TrainerNodes nodes, string device)
{
    private static readonly TimeSpan OpeningPatience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, IParallelRun> _open = new(StringComparer.Ordinal);

    /// <summary>Null: the run has one worker, or is not open.</summary>
    public IParallelRun? Find(string runId) => _open.GetValueOrDefault(runId);

    /// <summary>Null: of none that is open.</summary>
    public string? RunOf(IActorRef worker) => _open.FirstOrDefault(p => p.Value.Workers.Contains(worker)).Key;

    /// <summary>Starts the workers of a run that has several.</summary>
    /// <param name="session">The first worker's.</param>
    public void Open(
        OpenTrainingSession m,
        TrainingSession session,
        ModelArtifact? checkpoint,
        PreparedDataset data,
        IActorRef run
    )
    {
        var config = m.Run.Config;
        if (config.Workers <= 1)
        {
            return;
        }

        TrainingSession Copy() => new(config, data, checkpoint, device);
        if (config.AverageEvery == 0)
        {
            _open[m.RunId] = new GradientAllReduce(session, Start(m, k => GradientWorkerActor.Props(m, k, Copy)));
            return;
        }

        var others = nodes.Others();
        Address? Elsewhere(int worker) =>
            WorkerPlaces.Of(m.RunId, worker, others.Count) is { } place ? others[place] : null;
        Props Worker(int worker)
        {
            var here = LocalSgdWorkerActor.Props(m.RunId, m.SessionId, worker, Copy);
            return Elsewhere(worker) is { } node
                ? RemoteWorkerProxyActor.Props(m, worker, node, nodes.Own, here, OpeningPatience)
                : here;
        }

        var averaging = new LocalSgd(
            session,
            new AveragingRounds(config.Workers, config.AverageEvery),
            Start(m, Worker),
            [.. Enumerable.Range(0, config.Workers).Select(k => Elsewhere(k) is null ? nodes.Own : null)],
            context.Self,
            run
        );
        averaging.Begin();
        _open[m.RunId] = averaging;
    }

    public void Stop(string runId)
    {
        if (_open.Remove(runId, out var parallel))
        {
            foreach (var worker in parallel.Workers)
            {
                context.Unwatch(worker);
                context.Stop(worker);
            }
        }
    }

    /// <summary>From the second worker on.</summary>
    private IReadOnlyList<IActorRef> Start(OpenTrainingSession m, Func<int, Props> props) =>
        [.. Enumerable.Range(1, m.Run.Config.Workers - 1).Select(k => context.Watch(context.ActorOf(props(k))))];
}
