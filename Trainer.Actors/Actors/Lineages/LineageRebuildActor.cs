using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Makes a lineage's lost checkpoint anew: from the newest one before it that can be used, or from the base, by the batches in
/// the journal since. It takes one batch at a time, keeps nothing, and writes nothing but the file; so it can be killed at any
/// moment. It ends with one answer to the lineage, whose child it is.
/// </summary>
internal sealed class LineageRebuildActor : ReceiveActor, IWithTimers
{
    private readonly string _lineageId;
    private readonly LineageState _state;
    private readonly TrainerSession _session;
    private readonly Source<IEvent, NotUsed> _journal;
    private readonly IMaterializer _streams = Context.Materializer();
    private LineagePast _past;
    private int _next;
    private IActorRef _source = ActorRefs.Nobody;

    /// <param name="state">With a checkpoint.</param>
    /// <param name="journal">The lineage's events; read twice.</param>
    /// <param name="silence">Of the trainer, after which it gives up.</param>
    public LineageRebuildActor(LineageState state, IActorRef trainer, Source<IEvent, NotUsed> journal, TimeSpan silence)
    {
        (_lineageId, _state, _journal) = (state.LineageId, state, journal);
        _session = new TrainerSession(
            this,
            Self,
            trainer,
            silence,
            () => GiveUp("the trainer is silent"),
            id => new CloseLineageSession(_lineageId, id)
        );
        _past = LineagePast.Before(state.Checkpoint!);
        Receive<LineagePast>(past =>
        {
            _past = past;
            OpenNext("its journal has no opening");
        });
        Receive<ILineageSessionReply>(_session.Owns, OnTrainer);
        Receive<Begin>(_ => AcknowledgeTo(Sender));
        Receive<BatchAccepted>(batch =>
        {
            _source = Sender;
            Tell(new ApplyBatch(_lineageId, _session.Id!, batch.BatchNr, _past.SamplesOf(batch)));
        });
        Receive<LineageTuned>(tuned => Change(tuned.Settings, endsReaction: false));
        Receive<LineageRolledBack>(_ => Change(null, endsReaction: true));
        Receive<End>(_ => Tell(new WriteLineageCheckpoint(_lineageId, _session.Id!)));
        Receive<Status.Failure>(f => GiveUp($"its journal cannot be read: {f.Cause.Message}"));
        Receive<Tick>(tick => tick.Do());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _ = _journal.RunAggregate(_past, (past, e) => past.With(e), _streams).PipeTo(Self);

    protected override void PostStop() => _session.Close();

    private void OnTrainer(ILineageSessionReply reply)
    {
        _session.Rest();
        switch (reply)
        {
            case LineageSessionOpened:
                ReadBatches(_past.Starts[_next - 1].BatchNr);
                break;
            case BatchApplied or BatchDiverged:
                AcknowledgeTo(_source);
                break;
            case LineageCheckpointWritten written:
                Context.Parent.Tell(new LineageRebuilt(written.Checkpoint));
                Context.Stop(Self);
                break;
            case LineageSessionFailed { IsArtifactLost: true } lost:
                OpenNext(lost.Reason);
                break;
            case LineageSessionFailed failed:
                GiveUp(failed.Reason);
                break;
        }
    }

    /// <param name="reason">Why the one before will not do.</param>
    private void OpenNext(string reason)
    {
        if (_next == _past.Starts.Count)
        {
            GiveUp(reason);
            return;
        }

        var start = _past.Starts[_next++];
        var id = _session.Open();
        Tell(
            new OpenLineageSession(
                _lineageId,
                id,
                start.Checkpoint,
                _past.SettingsBehind(start.BatchNr),
                start.BatchNr,
                start.BatchNr == 0 ? LineageStart.Base : LineageStart.Checkpoint,
                _state.Opened!.Base
            )
        );
    }

    private void ReadBatches(long after) =>
        _journal
            .Where(e =>
                e switch
                {
                    BatchAccepted batch => batch.BatchNr > after,
                    LineageTuned tuned => tuned.BatchNr >= after,
                    LineageRolledBack back => back.BatchNr > after,
                    _ => false,
                }
            )
            .TakeWhile(e => e is not BatchAccepted batch || batch.BatchNr <= _past.Lost.BatchNr)
            .RunWith(
                Sink.ActorRefWithAck<IEvent>(
                    Self,
                    Begin.Instance,
                    Acknowledged.Instance,
                    End.Instance,
                    e => new Status.Failure(e)
                ),
                _streams
            );

    private void Tell(ILineageSessionCommand command)
    {
        _session.Tell(command);
        _session.Watch();
    }

    // Not answered: what comes next is behind it.
    private void Change(LineageSettings? settings, bool endsReaction)
    {
        _session.Tell(new ChangeLearning(_lineageId, _session.Id!, settings, endsReaction));
        AcknowledgeTo(Sender);
    }

    private static void AcknowledgeTo(IActorRef source) => source.Tell(Acknowledged.Instance);

    private void GiveUp(string reason)
    {
        Context.Parent.Tell(new LineageNotRebuilt(reason));
        Context.Stop(Self);
    }

    private sealed class Begin : INoSerializationVerificationNeeded
    {
        public static readonly Begin Instance = new();
    }

    private sealed class Acknowledged : INoSerializationVerificationNeeded
    {
        public static readonly Acknowledged Instance = new();
    }

    private sealed class End : INoSerializationVerificationNeeded
    {
        public static readonly End Instance = new();
    }
}

/// <summary>The one answer.</summary>
internal interface ILineageRebuildReply : INoSerializationVerificationNeeded;

/// <summary>The checkpoint's file is there again.</summary>
internal sealed record LineageRebuilt(ArtifactRef Checkpoint) : ILineageRebuildReply;

internal sealed record LineageNotRebuilt(string Reason) : ILineageRebuildReply;
