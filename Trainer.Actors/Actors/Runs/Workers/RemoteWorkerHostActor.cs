using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using Ralm.Models.Training;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// One worker of another node's run: the wire on one side, a worker as any on the other. It ends with whoever opened it, and
/// with the connection to there, which may have lost a message.
/// </summary>
internal sealed class RemoteWorkerHostActor : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OpenTrainingWorker _open;
    private readonly IActorRef _run;
    private readonly StateChunks _chunks = new();

    public RemoteWorkerHostActor(OpenTrainingWorker open, IActorRef run, DatasetCache datasets, string device)
    {
        (_open, _run) = (open, Context.Watch(run));
        var worker = Context.Watch(
            Context.ActorOf(
                LocalSgdWorkerActor.Props(
                    open.RunId,
                    open.SessionId,
                    open.Worker,
                    () =>
                        new TrainingSession(
                            open.Config,
                            datasets.Get(open.DatasetPath, open.DatasetHash),
                            checkpoint: null,
                            device
                        )
                )
            )
        );

        Receive<TrainWorkerBatch>(m => worker.Tell(new TrainOwn(m.Epoch, m.Batch, [.. m.Rows])));
        Receive<HandInState>(_ => worker.Tell(CollectState.Instance));
        Receive<StateChunk>(m =>
        {
            if (_chunks.Add(m) is { } state)
            {
                worker.Tell(new InstallState(state));
            }
        });
        Receive<CloseTrainingWorker>(_ => Context.Stop(Self));

        Receive<SessionOpened>(_ => run.Tell(new TrainingWorkerOpened { RunId = open.RunId }));
        Receive<LocalBatchTrained>(m => run.Tell(Reply(m.Reply)));
        Receive<StateHandedIn>(m =>
        {
            foreach (var chunk in StateChunks.Cut(m.State))
            {
                run.Tell(chunk);
            }
        });
        Receive<WorkerFailed>(m => Fail(m.Cause));

        Receive<Terminated>(m => Context.Stop(Self));
        Receive<DisassociatedEvent>(m =>
        {
            if (m.RemoteAddress == run.Path.Address)
            {
                Context.Stop(Self);
            }
        });
        worker.Tell(OpenSession.Instance);
    }

    public static Props Props(OpenTrainingWorker open, IActorRef run, DatasetCache datasets, string device) =>
        Akka.Actor.Props.Create(() => new RemoteWorkerHostActor(open, run, datasets, device));

    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private static WorkerBatchTrained Reply(BatchTrained m) =>
        new()
        {
            Epoch = m.Epoch,
            Batch = m.Batch,
            Rows = m.Rows,
            Loss = m.Loss,
            LearningRate = m.LearningRate,
            GradientNorm = m.GradientNorm,
        };

    private void Fail(Exception cause)
    {
        _log.Warning(
            "run {0}: worker {1} for {2} failed: {3}",
            _open.RunId,
            _open.Worker,
            _run.Path.Address,
            cause.Message
        );
        _run.Tell(
            new TrainingWorkerFailed
            {
                RunId = _open.RunId,
                Reason = cause.Message,
                Final = cause is DivergedException,
            }
        );
        Context.Stop(Self);
    }
}
