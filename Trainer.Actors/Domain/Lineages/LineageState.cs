using System.Collections.Immutable;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// One model, updated online. The batches accepted, in order, are the truth: the weights are a function of the base
/// and of them. A user's high-water mark says which of that user's samples are in a batch, so that no sample is in two.
/// </summary>
/// <param name="SinceCheckpoint">
/// Batches that are not in the checkpoint's artefact (or in the base) yet. One that was set aside keeps its number alone: no
/// replay tries it again.
/// </param>
/// <param name="Marks">Per user: samples up to and including this sequence number are in a batch.</param>
/// <param name="Kept">Checkpoints that it can be rolled back to, oldest first.</param>
/// <param name="Rollbacks">How often it was.</param>
/// <param name="SamplesRolledBack">Those that had been learned and are not in the weights any more.</param>
/// <param name="Curve">How good its predictions were, oldest first.</param>
/// <param name="FellBehind">How often it was taken back by itself.</param>
/// <param name="Retrainings">For what has happened to it.</param>
public sealed record LineageState(
    string LineageId,
    LineageOpened? Opened,
    bool Closed,
    long BatchesAccepted,
    long SamplesAccepted,
    LineageCheckpointed? Checkpoint,
    ImmutableList<BatchAccepted> SinceCheckpoint,
    ImmutableSortedDictionary<string, long> Marks,
    SetAsideBatches SetAside,
    LineageAlarms Alarms,
    LineageTuning Tuning,
    ImmutableList<KeptCheckpoint> Kept,
    long Rollbacks,
    long SamplesRolledBack,
    ImmutableList<LineageMeasured> Curve,
    long FellBehind,
    LineageFellBehind? LastFellBehind,
    LineageRetrainings Retrainings
) : IEntityState<LineageState>
{
    public bool IsOpen => Opened is not null && !Closed;

    /// <summary>The newest servable state: the base until the first checkpoint.</summary>
    public ArtifactRef? Artifact => Checkpoint?.Checkpoint ?? Opened?.Base;

    public long CheckpointBatchNr => Checkpoint?.BatchNr ?? 0;

    public static LineageState Empty(string entityId) =>
        new(
            entityId,
            null,
            false,
            0,
            0,
            null,
            [],
            ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal),
            SetAsideBatches.None,
            LineageAlarms.None,
            LineageTuning.None,
            [],
            0,
            0,
            [],
            0,
            null,
            LineageRetrainings.None
        );

    /// <summary>As of the next batch. Only of one that has been opened.</summary>
    public LineageSettings Settings => Tuning.Current!;

    /// <summary>What the newest servable state is to what follows it.</summary>
    public LineageStart StartsFrom =>
        Checkpoint is null or { HasRolledBackTo: true, RolledBackTo: 0 } ? LineageStart.Base
        : Checkpoint.HasRolledBackTo ? LineageStart.RolledBack
        : LineageStart.Checkpoint;

    /// <summary>All that is to be done again from there: batches, and changes of the settings between them.</summary>
    public IEnumerable<IEvent> StepsSinceCheckpoint
    {
        get
        {
            var changes = new Queue<LineageTuned>(Tuning.Since);
            foreach (var batch in SinceCheckpoint)
            {
                while (changes.TryPeek(out var change) && change.BatchNr < batch.BatchNr)
                {
                    yield return changes.Dequeue();
                }

                yield return batch;
            }

            foreach (var change in changes)
            {
                yield return change;
            }
        }
    }

    /// <summary>Samples in the checkpoint's batches that do not fit the schema.</summary>
    public long PassedOverAtCheckpoint => Checkpoint?.SamplesPassedOver ?? 0;

    /// <summary>Samples that are in the checkpoint's weights.</summary>
    public long LearnedAtCheckpoint =>
        SamplesAccepted
        - SetAside.Samples
        - PassedOverAtCheckpoint
        - SamplesRolledBack
        - SinceCheckpoint.Sum(b => (long)b.Samples.Count);

    /// <summary>Not refused for what it says, and not what has been done already: only its version is to be looked up.</summary>
    public bool MayBeOpenedBy(OpenLineage c) =>
        Opened is null && c.Header is not null && Ids.IsValid(LineageId) && LineageRules.Check(c) is null;

    public long MarkOf(string userId) => Marks.GetValueOrDefault(userId);

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            OpenLineage c => Decide(c),
            OfferSlice c => Decide(c),
            CheckpointLineage c => Decide(c),
            TuneLineage c => LineageChanges.Decide(this, c),
            RollBackLineage c => LineageChanges.Decide(this, c),
            RecordRetraining c => Opened is null ? NotOpened() : Retrainings.Decide(c),
            CloseLineage c => Opened is null ? NotOpened()
            : Closed ? Decision.Nothing
            : Decision.Accept(new LineageClosed { Reason = c.Reason }),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public LineageState Apply(IEvent e) =>
        e switch
        {
            LineageOpened opened => this with { Opened = opened, Tuning = Tuning.With(opened) },
            BatchAccepted batch => this with
            {
                BatchesAccepted = batch.BatchNr,
                SamplesAccepted = SamplesAccepted + batch.Samples.Count,
                SinceCheckpoint = SinceCheckpoint.Add(batch),
                Marks = Marks.SetItems(batch.Marks.Select(m => KeyValuePair.Create(m.UserId, m.ThroughSeq))),
            },
            BatchSetAside aside => this with
            {
                SetAside = SetAside.With(aside),
                SinceCheckpoint = [.. SinceCheckpoint.Select(b => b.BatchNr == aside.BatchNr ? Emptied(b) : b)],
            },
            LineageCheckpointed written => Checkpointed(written),
            LineageTuned tuned => this with { Tuning = Tuning.With(tuned) },
            LineageRolledBack back => RolledBack(back),
            LineageMeasured measured => this with { Curve = Curve.With(measured) },
            LineageFellBehind behind => this with { FellBehind = FellBehind + 1, LastFellBehind = behind },
            RetrainingAsked asked => this with { Retrainings = Retrainings.With(asked) },
            RetrainingHandedOver over => this with { Retrainings = Retrainings.With(over) },
            RetrainingRecorded recorded => this with { Retrainings = Retrainings.With(recorded) },
            DriftNoticed noticed => this with { Alarms = Alarms.With(noticed) },
            ReactionEnded ended => this with { Alarms = Alarms.With(ended) },
            LineageClosed => this with { Closed = true },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    /// <summary>
    /// Null when the offer may be taken in; otherwise the answer: a refusal, or <see cref="DeliveryAcknowledged"/> for what is in
    /// the journal already. A closed lineage lets the samples go, for it will never learn them.
    /// </summary>
    public Decision? Screen(OfferSlice offer)
    {
        if (LineageRules.Check(offer) is { } rejection)
        {
            return Decision.Refuse(rejection);
        }

        if (Opened is null)
        {
            return NotOpened();
        }

        var mark = MarkOf(offer.UserId);
        return offer.ToSeq <= mark ? Decision.Nothing.Replying(Learned(offer, mark))
            : Closed ? Decision.Nothing.Replying(Learned(offer, offer.ToSeq, discarded: true))
            : offer.FromSeq > mark + 1
                ? Decision.Conflict(
                    "from_seq",
                    offer.FromSeq,
                    $"must be at most {mark + 1}: samples before it are missing"
                )
            : null;
    }

    public DeliveryAcknowledged Learned(OfferSlice offer, long throughSeq, bool discarded = false) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = offer.Header.CommandId,
                CorrelationId = offer.Header.CorrelationId,
                CausationId = offer.Header.CommandId,
            },
            UserId = offer.UserId,
            Destination = LineageId,
            ThroughSeq = throughSeq,
            Discarded = discarded,
        };

    /// <summary>The trainer has written an artefact. Null when it is no newer than the one we have.</summary>
    public Decision? Checkpointed(ArtifactRef artifact, long batchNr, double prequentialLoss, long passedOver) =>
        batchNr <= CheckpointBatchNr || batchNr > BatchesAccepted
            ? null
            : Decision.Accept(
                new LineageCheckpointed
                {
                    BatchNr = batchNr,
                    Checkpoint = artifact,
                    PrequentialLoss = prequentialLoss,
                    SamplesPassedOver = passedOver,
                }
            );

    /// <summary>
    /// The checkpoint's file was lost and has been made anew. Null when it is the same, as it is on the same kind of device.
    /// </summary>
    public Decision? Remade(ArtifactRef artifact)
    {
        if (artifact.Equals(Checkpoint!.Checkpoint))
        {
            return null;
        }

        var remade = Checkpoint.Clone();
        (remade.Header, remade.Checkpoint) = (null, artifact);
        return Decision.Accept(remade);
    }

    /// <summary>The trainer cannot learn the batch. Null when that is known, or the batch is in a checkpoint.</summary>
    public Decision? Diverged(long batchNr, string reason) =>
        SinceCheckpoint.Find(b => b.BatchNr == batchNr) is { Samples.Count: > 0 } batch
            ? Decision.Accept(SetAsideBatches.Of(batch, reason))
            : null;

    /// <summary>What the trainer has noticed behind a batch. Null when all of it is known.</summary>
    /// <param name="ended">Of an alarm before it.</param>
    /// <param name="behind">Then it is rolled back, and paused.</param>
    public Decision? Found(
        DriftNoticed? noticed,
        ReactionEnded? ended,
        LineageMeasured? measured,
        LineageFellBehind? behind = null
    )
    {
        ImmutableArray<IEvent> events =
        [
            .. ended is not null && !Alarms.Knows(ended) ? [ended] : (IEvent[])[],
            .. noticed is not null && !Alarms.Knows(noticed) ? LineageChanges.Noticed(this, noticed) : [],
            .. measured is not null && !(Curve.LastOrDefault()?.BatchNr >= measured.BatchNr)
                ? [measured]
                : (IEvent[])[],
        ];
        if (behind is not null && !(LastFellBehind?.BatchNr >= behind.BatchNr))
        {
            events = events.AddRange(LineageChanges.TakenBack(events.Aggregate(this, (s, e) => s.Apply(e)), behind));
        }

        return events.IsEmpty ? null : new Decision(events);
    }

    public IEnumerable<OutgoingCommand> Outbox => Retrainings.Owed(LineageId);

    public Decision? Settle(Settlement settled) => Retrainings.Settle(settled);

    public IWireMessage Answer(IQuery query)
    {
        if (query is not GetLineage)
        {
            throw new NotSupportedException(query.GetType().Name);
        }

        var answer = ToReply();
        (answer as LineageReply)?.Curve.AddRange(Curve);
        return answer;
    }

    /// <summary>What subscribers of the lineages topic hear: all but the curve.</summary>
    public IWireMessage ToReply() =>
        Opened is null
            ? new NotFoundReply { Region = RegionNames.Lineage, EntityId = LineageId }
            : LineageForms.Reply(this, Opened);

    public IWireMessage ToSnapshot() => LineageForms.Snapshot(this);

    public static LineageState FromSnapshot(string entityId, IWireMessage snapshot) =>
        LineageForms.Of(Empty(entityId), (LineageSnapshot)snapshot);

    // By the command alone: what it names is taken to be the version's, or what the lineage has.
    private Decision Decide(OpenLineage c) =>
        (c.Base ?? Opened?.Base) is { } artifact
            ? Decide(c, artifact)
            : new Decision([], LineageRules.Check(c) ?? ArtifactRules.Check("base", c.Base));

    /// <param name="artifact">That of the version it names.</param>
    public Decision Decide(OpenLineage c, ArtifactRef artifact)
    {
        if ((LineageRules.Check(c) ?? LineageRules.Check(c, artifact)) is { } rejection)
        {
            return Decision.Refuse(rejection);
        }

        return Closed ? Decision.Conflict("lineage_id", LineageId, "is closed; open another lineage")
            : Opened is null ? Decision.Accept(LineageRules.Opened(c, artifact))
            : IsOpenedBy(c, artifact) ? Decision.Nothing
            : Decision.Conflict("lineage_id", LineageId, "is open already with another base or other settings");
    }

    // An offer alone, as if nobody else's were waiting: the actor groups offers, through the same intake.
    private Decision Decide(OfferSlice offer)
    {
        if (Screen(offer) is { } answer)
        {
            return answer;
        }

        var intake = new BatchAssembler();
        intake.Add(offer, this);
        return intake.Cut(this, int.MaxValue, partial: true).Replying(Learned(offer, offer.ToSeq));
    }

    private Decision Decide(CheckpointLineage c) =>
        Opened is null ? NotOpened()
        : SinceCheckpoint.IsEmpty ? Decision.Nothing.Replying(ToReply())
        : Decision.Conflict("lineage_id", c.LineageId, "has batches that only its trainer can write down");

    internal Decision NotOpened() => Decision.NotFound("lineage_id", LineageId, "must have been opened");

    private LineageState Checkpointed(LineageCheckpointed e)
    {
        var next = this with
        {
            Checkpoint = e,
            SinceCheckpoint = SinceCheckpoint.RemoveAll(b => b.BatchNr <= e.BatchNr),
            Tuning = Tuning.Checkpointed(e.BatchNr),
        };
        return next with { Kept = Kept.With(e, next.LearnedAtCheckpoint) };
    }

    private LineageState RolledBack(LineageRolledBack e)
    {
        var kept = Kept.Find(k => k.BatchNr == e.ToBatchNr);
        var learned = SamplesAccepted - SetAside.Samples - PassedOverAtCheckpoint;
        return this with
        {
            SamplesRolledBack = learned - (kept?.SamplesLearned ?? 0),
            Checkpoint = new LineageCheckpointed
            {
                BatchNr = e.BatchNr,
                Checkpoint = e.To,
                PrequentialLoss = kept?.PrequentialLoss ?? 0,
                SamplesPassedOver = PassedOverAtCheckpoint,
                RolledBackTo = e.ToBatchNr,
            },
            SinceCheckpoint = [],
            Tuning = Tuning.RolledBack(),
            Kept = Kept.RemoveAll(k => k.BatchNr > e.ToBatchNr),
            Rollbacks = Rollbacks + 1,
        };
    }

    /// <summary>By the same words, or by those of a release that had fewer settings.</summary>
    private bool IsOpenedBy(OpenLineage c, ArtifactRef artifact)
    {
        var known = Opened!.Clone();
        known.Header = null;
        var said = LineageRules.Opened(c, artifact);
        return known.Settings is null ? LineageRules.IsSaidBy(c, known, said) : known.Equals(said);
    }

    private static BatchAccepted Emptied(BatchAccepted batch) =>
        new() { Header = batch.Header, BatchNr = batch.BatchNr };
}
