using Akka.Actor;
using Ralm.Models.Training;

namespace RalmActors.Trainer.Actors;

// Between a trainer and the workers of one run whose weights are averaged. Messages are handled in the order sent, so a
// state that is handed in is the one after all batches sent before. Buffers are lent: a worker's until it takes the average,
// the average's until the worker has handed in again.

/// <summary>Asks for a sign that the session is open; any other message opens it too.</summary>
internal sealed record OpenSession : INoSerializationVerificationNeeded
{
    public static readonly OpenSession Instance = new();
}

internal sealed record SessionOpened : INoSerializationVerificationNeeded
{
    public static readonly SessionOpened Instance = new();
}

/// <summary>A whole mini-batch, for this worker's own copy.</summary>
internal sealed record TrainOwn(int Epoch, int Batch, int[] Rows) : INoSerializationVerificationNeeded;

internal sealed record LocalBatchTrained(BatchTrained Reply) : IWorkerReply
{
    public string RunId => Reply.RunId;

    public string SessionId => Reply.SessionId;
}

internal sealed record CollectState : INoSerializationVerificationNeeded
{
    public static readonly CollectState Instance = new();
}

internal sealed record StateHandedIn(string RunId, string SessionId, int Worker, TrainedState State) : IWorkerReply;

/// <summary>The copies are equal again.</summary>
internal sealed record InstallState(TrainedState State) : INoSerializationVerificationNeeded;

/// <summary>Trains whole mini-batches on its own, until the weights are averaged.</summary>
internal sealed class LocalSgdWorkerActor : WorkerActor
{
    private float[] _state = [];

    /// <param name="open">Called on the worker's own thread.</param>
    public LocalSgdWorkerActor(string runId, string sessionId, int worker, Func<TrainingSession> open)
        : base(runId, sessionId, open)
    {
        Guarded<OpenSession>(m =>
        {
            _ = Session;
            Context.Parent.Tell(SessionOpened.Instance);
        });
        Guarded<TrainOwn>(m =>
        {
            var step = Session.Train(m.Epoch, m.Batch, m.Rows);
            var batch = new TrainBatch(runId, sessionId, m.Epoch, m.Batch, m.Rows);
            Context.Parent.Tell(new LocalBatchTrained(BatchTrained.By(batch, step)));
        });
        Guarded<CollectState>(_ =>
            Context.Parent.Tell(new StateHandedIn(runId, sessionId, worker, Session.ReadState(_state)))
        );
        Guarded<InstallState>(m => Session.WriteState(m.State));
    }

    public static Props Props(string runId, string sessionId, int worker, Func<TrainingSession> open) =>
        Akka
            .Actor.Props.Create(() => new LocalSgdWorkerActor(runId, sessionId, worker, open))
            .WithDispatcher(TrainerDispatcher.Name);

    protected override void OnOpened() => _state = new float[Session.StateLength];
}
