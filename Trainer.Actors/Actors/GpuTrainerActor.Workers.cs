using Akka.Actor;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Sessions;

namespace RalmActors.Trainer.Actors;

/// <summary>Runs that share their mini-batches among workers: the trainer itself and actors below it.</summary>
public sealed partial class GpuTrainerActor
{
    private readonly Dictionary<string, DataParallel> _parallel = new(StringComparer.Ordinal);

    /// <summary>A worker that fails takes its run's attempt with it: the next attempt opens all of them anew.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    private void ReceiveFromWorkers()
    {
        Receive<ShareComputed>(Computed);
        Receive<ShareFailed>(m => Fail(m.RunId, m.SessionId, m.Cause));
        Receive<Terminated>(m => OnTerminated(m.ActorRef));
    }

    private void ShareAmongWorkers(
        OpenTrainingSession m,
        TrainingSession session,
        ModelArtifact? checkpoint,
        PreparedDataset data
    )
    {
        if (m.Run.Config.Workers > 1)
        {
            IActorRef Worker(int share) =>
                Context.Watch(Context.ActorOf(ShareWorkerActor.Props(m, share, checkpoint, data, _device)));
            var workers = Enumerable.Range(1, m.Run.Config.Workers - 1).Select(Worker);
            _parallel[m.RunId] = new DataParallel(session, [.. workers]);
        }
    }

    private void Computed(ShareComputed m)
    {
        if (!Holds(m.RunId, m.SessionId))
        {
            return;
        }

        try
        {
            _parallel[m.RunId].Computed(m);
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
        if (_parallel.Remove(runId, out var shared))
        {
            foreach (var worker in shared.Workers)
            {
                Context.Unwatch(worker);
                Context.Stop(worker);
            }
        }
    }
}
