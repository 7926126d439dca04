using Akka.Actor;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

/// <summary>Runs with several workers: the trainer itself and actors below it.</summary>
public sealed partial class DeviceActor
{
    private static readonly TimeSpan OpeningPatience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, IParallelRun> _parallel = new(StringComparer.Ordinal);

    /// <summary>A worker that fails takes its run's attempt with it: the next attempt opens all of them anew.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    private void ReceiveFromWorkers()
    {
        Receive<WorkerFailed>(m => Fail(m.RunId, m.SessionId, m.Cause));
        Receive<IWorkerReply>(Heard);
        Receive<Terminated>(m => OnTerminated(m.ActorRef));
    }

    private void OpenWorkers(
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

        IReadOnlyList<IActorRef> Workers(Func<int, Props> props) =>
            [.. Enumerable.Range(1, config.Workers - 1).Select(k => Context.Watch(Context.ActorOf(props(k))))];
        TrainingSession Copy() => new(config, data, checkpoint, _device);
        if (config.AverageEvery == 0)
        {
            _parallel[m.RunId] = new GradientAllReduce(session, Workers(k => GradientWorkerActor.Props(m, k, Copy)));
            return;
        }

        var others = _nodes.Others();
        Address? Elsewhere(int worker) =>
            WorkerPlaces.Of(m.RunId, worker, others.Count) is { } place ? others[place] : null;
        Props Worker(int worker)
        {
            var here = LocalSgdWorkerActor.Props(m.RunId, m.SessionId, worker, Copy);
            return Elsewhere(worker) is { } node
                ? RemoteWorkerProxyActor.Props(m, worker, node, _nodes.Own, here, OpeningPatience)
                : here;
        }

        var averaging = new LocalSgd(
            session,
            new AveragingRounds(config.Workers, config.AverageEvery),
            Workers(Worker),
            [.. Enumerable.Range(0, config.Workers).Select(k => Elsewhere(k) is null ? _nodes.Own : null)],
            Self,
            run
        );
        averaging.Begin();
        _parallel[m.RunId] = averaging;
    }

    private void Heard(IWorkerReply m)
    {
        if (!Holds(m.RunId, m.SessionId))
        {
            return;
        }

        try
        {
            _parallel[m.RunId].Heard(m);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(m.RunId, m.SessionId, e);
        }
    }

    private void Fail(string runId, string sessionId, Exception cause)
    {
        if (Holds(runId, sessionId))
        {
            Failed(new CloseTrainingSession(runId, sessionId), cause, _parallel[runId].ReplyTo ?? ActorRefs.Nobody);
            Admit();
        }
    }

    private void OnTerminated(IActorRef worker)
    {
        var (runId, _) = _parallel.FirstOrDefault(p => p.Value.Workers.Contains(worker));
        if (runId is not null)
        {
            Fail(runId, _runs[runId].Id, new InvalidOperationException($"worker {worker.Path.Name} ended"));
        }
    }

    private bool Holds(string runId, string sessionId) => _parallel.ContainsKey(runId) && _runs[runId].Id == sessionId;

    private void StopWorkers(string runId)
    {
        if (_parallel.Remove(runId, out var parallel))
        {
            foreach (var worker in parallel.Workers)
            {
                Context.Unwatch(worker);
                Context.Stop(worker);
            }
        }
    }
}
