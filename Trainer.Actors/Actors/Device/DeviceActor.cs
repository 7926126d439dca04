using Akka.Actor;
using Akka.Event;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The only place of a node where training computes tensors: one per device, on a thread of its own, one message at a time
/// and nothing asynchronous but the figures of an evaluation, which need no tensors. Runs and lineages keep a bounded number of batches in its mailbox, so their turns
/// alternate. What goes wrong ends the one session and is said to its owner; the others go on.
/// </summary>
public sealed class DeviceActor : ReceiveActor
{
    public const int DefaultRunsAtOnce = 4;

    private readonly ArtifactStore _store;
    private readonly DatasetCache _datasets;
    private readonly string _device;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, (string Id, TrainingSession Session)> _runs = new(StringComparer.Ordinal);
    private readonly WaitingRuns _waiting = new();
    private readonly int _runsAtOnce;
    private readonly ParallelRuns _parallel;
    private readonly HeldOutSessions _evaluations;
    private readonly LineageSessions _lineages;

    /// <param name="device">cpu or cuda:N.</param>
    /// <param name="runsAtOnce">Runs that have weights and data in memory; others wait.</param>
    /// <param name="nodes">Where workers of its runs may be.</param>
    public DeviceActor(ArtifactStore store, string device, DatasetCache datasets, int runsAtOnce, TrainerNodes nodes)
    {
        _runsAtOnce = runsAtOnce;
        _store = store;
        _datasets = datasets;
        _device = device;
        _parallel = new ParallelRuns(Context, nodes, device);
        _evaluations = new HeldOutSessions(store, datasets, device);
        _lineages = new LineageSessions(store, device);

        ForRun<OpenTrainingSession>(Open);
        ForRun<TrainBatch>(Train);
        ForRun<FinishEpoch>(m => Finish(m));
        ForRun<ContinueEpoch>(m => Finish(m.Epoch));
        ForRun<EvaluateVersion>(Evaluate);
        ForRun<ContinueEvaluation>(GoOn);
        ForRun<CloseTrainingSession>(CloseRun);
        Receive<ILineageSessionCommand>(OnLineage);
        Receive<WorkerFailed>(m => Fail(m.RunId, m.SessionId, m.Cause));
        Receive<IWorkerReply>(Heard);
        Receive<Terminated>(m => OnTerminated(m.ActorRef));
    }

    /// <summary>Of a node that has no others.</summary>
    /// <param name="device">cpu (default) or cuda:N.</param>
    /// <param name="open">How a dataset's folder is opened; <c>null</c>: as prepared on disk.</param>
    public static Props Props(
        ArtifactStore store,
        string device = "cpu",
        Func<string, PreparedDataset>? open = null,
        int runsAtOnce = DefaultRunsAtOnce
    ) => Props(store, device, new DatasetCache(open ?? PreparedDataset.Open), runsAtOnce, TrainerNodes.Alone);

    public static Props Props(
        ArtifactStore store,
        string device,
        DatasetCache datasets,
        int runsAtOnce,
        TrainerNodes nodes
    ) =>
        Akka
            .Actor.Props.Create(() => new DeviceActor(store, device, datasets, runsAtOnce, nodes))
            .WithDispatcher(TrainerDispatcher.Name);

    protected override void PostStop()
    {
        foreach (var (_, session) in _runs.Values)
        {
            session.Dispose();
        }

        _evaluations.CloseAll();
        _lineages.CloseAll();
    }

    /// <summary>A worker that fails takes its run's attempt with it: the next attempt opens all of them anew.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    private void Open(OpenTrainingSession m)
    {
        if (_runs.TryGetValue(m.RunId, out var open) && open.Id == m.SessionId)
        {
            // Asked again while the answer was on its way.
            return;
        }

        EndRun(m.RunId);
        _waiting.Add(m, Sender);
        if (!Admit())
        {
            _waiting.TellPlaces();
        }
    }

    /// <summary>Opens sessions while there are places. False when none was opened.</summary>
    private bool Admit()
    {
        var admitted = false;
        while (_runs.Count < _runsAtOnce && _waiting.Count > 0)
        {
            var (m, replyTo) = _waiting.Next();
            admitted = true;
            try
            {
                Begin(m, replyTo);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Failed(m, e, replyTo);
            }
        }

        if (admitted)
        {
            _waiting.TellPlaces();
        }

        return admitted;
    }

    private void Begin(OpenTrainingSession m, IActorRef replyTo)
    {
        var checkpoint = m.Checkpoint is null ? null : _store.Load(m.Checkpoint);
        var data = _datasets.Get(m.Run.DatasetPath, m.Run.DatasetHash);
        var initial = checkpoint is not null || m.Run.Initial is null ? null : _store.Load(m.Run.Initial);
        var session = new TrainingSession(m.Run.Config, data, checkpoint, _device, initial);
        _runs[m.RunId] = (m.SessionId, session);
        if (session.Seeds is { } seeds)
        {
            // Once a session: the file is read whole.
            _store.SaveSeeds(seeds.Path, seeds.Hash);
        }

        _parallel.Open(m, session, checkpoint, data, replyTo);
        replyTo.Tell(
            new TrainingSessionOpened(
                m.RunId,
                m.SessionId,
                session.TrainRows,
                session.RepresentationEpochs,
                session.RepresentationRows
            )
        );
    }

    private void Train(TrainBatch m)
    {
        var session = SessionOf(m);
        if (_parallel.Find(m.RunId) is { } shared)
        {
            shared.Train(m, Sender);
            return;
        }

        Sender.Tell(BatchTrained.By(m, session.Train(m.Epoch, m.Batch, m.Rows)));
    }

    // Validation takes its turns in slices, so that other sessions' batches come between.
    private void Finish(FinishEpoch m)
    {
        var session = SessionOf(m);
        if (session.Validate(m.Epoch) is not { } metrics)
        {
            Self.Tell(new ContinueEpoch(m), Sender);
            return;
        }

        var checkpoint = _store.Save(session.Checkpoint(m.Epoch, metrics.Auc, metrics.LogLoss));
        checkpoint.SeedsHash = session.Seeds?.Hash ?? "";
        var result = new EpochResult(
            m.Epoch,
            m.TrainLoss,
            metrics.Auc,
            metrics.LogLoss,
            checkpoint,
            session.SchemaId,
            session.IsRepresentation(m.Epoch),
            session.Used
        );
        Sender.Tell(new EpochFinished(m.RunId, m.SessionId, result));
    }

    private void Evaluate(EvaluateVersion m)
    {
        EndRun(m.RunId);
        _evaluations.Open(m);
        GoOn(new ContinueEvaluation(m));
    }

    // In slices, as validation.
    private void GoOn(ContinueEvaluation c)
    {
        var m = c.Evaluation;
        var session = _evaluations.Of(m);
        if (!session.Next())
        {
            Self.Tell(c, Sender);
            return;
        }

        var (scored, card) = (session.Result(), session.Card);
        EndRun(m.RunId);
        var evaluations = new EvaluationStore(_store.Folder);
        _ = Task.Run(() => EvaluationWriter.Write(m, scored, card, evaluations))
            .PipeTo(
                Sender,
                success: written => written,
                failure: e => new TrainingSessionFailed(m.RunId, m.SessionId, e.Message, SessionFailures.IsFinal(e))
            );
    }

    private void CloseRun(CloseTrainingSession m)
    {
        _waiting.Remove(m.RunId, m.SessionId);
        if (
            (_runs.TryGetValue(m.RunId, out var run) && run.Id == m.SessionId)
            || _evaluations.Holds(m.RunId, m.SessionId)
        )
        {
            EndRun(m.RunId);
        }
    }

    private TrainingSession SessionOf(ITrainingSessionCommand m) =>
        _runs.TryGetValue(m.RunId, out var open) && open.Id == m.SessionId
            ? open.Session
            : throw new UnknownSessionException(m.SessionId);

    private void ForRun<T>(Action<T> handle)
        where T : ITrainingSessionCommand =>
        Receive<T>(m =>
        {
            try
            {
                handle(m);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Failed(m, e, Sender);
            }

            Admit();
        });

    private void Failed(ITrainingSessionCommand m, Exception e, IActorRef replyTo)
    {
        Report(e, $"run {m.RunId}: {m.GetType().Name}");
        CloseRun(new CloseTrainingSession(m.RunId, m.SessionId));
        replyTo.Tell(new TrainingSessionFailed(m.RunId, m.SessionId, e.Message, SessionFailures.IsFinal(e)));
    }

    private void Report(Exception e, string what)
    {
        if (e is UnknownSessionException)
        {
            _log.Debug("{0}: {1}", what, e.Message);
        }
        else
        {
            _log.Error(e, "{0} failed", what);
        }
    }

    private void EndRun(string runId)
    {
        _waiting.Remove(runId);
        _parallel.Stop(runId);
        if (_runs.Remove(runId, out var open))
        {
            open.Session.Dispose();
        }

        _evaluations.End(runId);
    }

    private void Heard(IWorkerReply m)
    {
        if (!Holds(m.RunId, m.SessionId))
        {
            return;
        }

        try
        {
            _parallel.Find(m.RunId)!.Heard(m);
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
            var replyTo = _parallel.Find(runId)!.ReplyTo ?? ActorRefs.Nobody;
            Failed(new CloseTrainingSession(runId, sessionId), cause, replyTo);
            Admit();
        }
    }

    private void OnTerminated(IActorRef worker)
    {
        if (_parallel.RunOf(worker) is { } runId)
        {
            Fail(runId, _runs[runId].Id, new InvalidOperationException($"worker {worker.Path.Name} ended"));
        }
    }

    private bool Holds(string runId, string sessionId) =>
        _parallel.Find(runId) is not null && _runs[runId].Id == sessionId;

    private void OnLineage(ILineageSessionCommand m)
    {
        try
        {
            if (_lineages.Handle(m) is { } reply)
            {
                Sender.Tell(reply);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var isArtifactLost = SessionFailures.IsArtifactLost(m, e);
            if (!isArtifactLost)
            {
                Report(e, $"lineage {m.LineageId}: {m.GetType().Name}");
            }

            _lineages.Close(m);
            Sender.Tell(new LineageSessionFailed(m.LineageId, m.SessionId, e.Message, isArtifactLost));
        }
    }

    private sealed record ContinueEpoch(FinishEpoch Epoch) : ITrainingSessionCommand
    {
        public string RunId => Epoch.RunId;

        public string SessionId => Epoch.SessionId;
    }

    private sealed record ContinueEvaluation(EvaluateVersion Evaluation) : ITrainingSessionCommand
    {
        public string RunId => Evaluation.RunId;

        public string SessionId => Evaluation.SessionId;
    }
}
