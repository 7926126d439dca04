using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>Where a worker is, once it is known.</summary>
internal sealed record WorkerPlaced(string RunId, string SessionId, int Worker, Address Node) : IWorkerReply;

/// <summary>
/// Stands for one worker of a run on its node: opens it on another, or, where that one cannot, below itself. It hears and
/// tells what a worker here would. Messages that have waited for the opening keep their order. A connection that was broken
/// may have lost a message, so it ends the worker, and with it the attempt.
/// </summary>
internal sealed class RemoteWorkerProxyActor : ReceiveActor, IWithUnboundedStash, IWithTimers
{
    /// <summary>The first question may be lost: a node that was gone is not connected to for a while.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OpenTrainingSession _session;
    private readonly int _worker;
    private readonly Address _node;
    private readonly Props _here;
    private readonly StateChunks _chunks = new();
    private IActorRef _there = ActorRefs.Nobody;

    /// <param name="own">The run's node.</param>
    /// <param name="here">A worker that hears the same messages.</param>
    public RemoteWorkerProxyActor(
        OpenTrainingSession session,
        int worker,
        Address node,
        Address own,
        Props here,
        TimeSpan patience
    )
    {
        (_session, _worker, _node, _here) = (session, worker, node, here);
        Receive<TrainingWorkerOpened>(_ => GoThere());
        Receive<TrainingWorkerFailed>(m => GoHere(own, m.Reason));
        Receive<Tick>(tick => tick.Do());
        Receive<DisassociatedEvent>(IsOfNode, _ => GoHere(own, "the connection broke"));
        Receive<AssociationErrorEvent>(IsOfNode, m => GoHere(own, m.Cause.Message));
        Receive<RemotingLifecycleEvent>(_ => { });
        ReceiveAny(_ => Stash.Stash());
        Timers.After(nameof(GoHere), patience, () => GoHere(own, $"no answer within {patience.TotalSeconds:F0} s"));
        Timers.Every(nameof(AskToOpen), AskAgainAfter, AskToOpen, first: TimeSpan.Zero);
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        OpenTrainingSession session,
        int worker,
        Address node,
        Address own,
        Props here,
        TimeSpan patience
    ) => Akka.Actor.Props.Create(() => new RemoteWorkerProxyActor(session, worker, node, own, here, patience));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void AskToOpen()
    {
        var open = new OpenTrainingWorker
        {
            RunId = _session.RunId,
            SessionId = _session.SessionId,
            Worker = _worker,
            DatasetPath = _session.Run.DatasetPath,
            DatasetHash = _session.Run.DatasetHash,
            Config = _session.Run.Config,
        };
        Context.ActorSelection(new RootActorPath(_node) / "user" / TrainingWorkersActor.Name).Tell(open);
    }

    private void GoThere()
    {
        _there = Context.Watch(Sender);
        Settle(_node, There);
    }

    private void There()
    {
        Receive<TrainOwn>(m =>
            _there.Tell(
                new TrainWorkerBatch
                {
                    Epoch = m.Epoch,
                    Batch = m.Batch,
                    Rows = { m.Rows },
                }
            )
        );
        Receive<CollectState>(_ => _there.Tell(new HandInState()));
        Receive<InstallState>(m =>
        {
            foreach (var chunk in StateChunks.Cut(m.State))
            {
                _there.Tell(chunk);
            }
        });
        Receive<WorkerBatchTrained>(m => Context.Parent.Tell(new LocalBatchTrained(Reply(m))));
        Receive<StateChunk>(HandedIn);
        Receive<TrainingWorkerFailed>(m => Fail(m.Final ? new DivergedException(m.Reason) : Gone(m.Reason)));
        Receive<Terminated>(_ => Fail(Gone("ended")));
        Receive<DisassociatedEvent>(IsOfNode, _ => Fail(Gone("the connection broke")));
        Receive<RemotingLifecycleEvent>(_ => { });
    }

    private void GoHere(Address own, string reason)
    {
        _log.Warning(
            "run {0}: worker {1} is not opened on {2}, but here: {3}",
            _session.RunId,
            _worker,
            TrainerNodes.Name(_node),
            reason
        );
        var worker = Context.Watch(Context.ActorOf(_here));
        Settle(
            own,
            () =>
            {
                Receive<IWorkerReply>(m => Context.Parent.Tell(m));
                Receive<Terminated>(_ => Context.Stop(Self));
                Receive<RemotingLifecycleEvent>(_ => { });
                Receive<TrainingWorkerOpened>(_ => Sender.Tell(new CloseTrainingWorker { RunId = _session.RunId }));
                Receive<TrainingWorkerFailed>(_ => { });
                ReceiveAny(worker.Tell);
            }
        );
    }

    private void Settle(Address node, Action behaviour)
    {
        Timers.CancelAll();
        Become(behaviour);
        Stash.UnstashAll();
        Context.Parent.Tell(new WorkerPlaced(_session.RunId, _session.SessionId, _worker, node));
    }

    private void HandedIn(StateChunk chunk)
    {
        if (_chunks.Add(chunk) is { } state)
        {
            Context.Parent.Tell(new StateHandedIn(_session.RunId, _session.SessionId, _worker, state));
        }
    }

    private BatchTrained Reply(WorkerBatchTrained m) =>
        new(_session.RunId, _session.SessionId, m.Epoch, m.Batch, m.Rows, m.Loss, m.LearningRate, m.GradientNorm);

    private InvalidOperationException Gone(string reason) =>
        new($"worker {_worker} on {TrainerNodes.Name(_node)}: {reason}");

    private void Fail(Exception cause) =>
        Context.Parent.Tell(new WorkerFailed(_session.RunId, _session.SessionId, cause));

    private bool IsOfNode(AssociationEvent m) => m.RemoteAddress == _node;
}
