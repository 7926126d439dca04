using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// One experiment: its definition, where it stands, the newest report of each cell, and the verdict. docs/experiments.md
/// draws its life.
/// </summary>
/// <param name="Merged">All cells together, per phase, arm and metric; what verdicts rest on.</param>
/// <param name="Segments">The same per segment, over all phases.</param>
/// <param name="Evidence">What all looks have shown so far, per comparison that may decide.</param>
/// <param name="Looks">Planned looks: information fractions of those taken.</param>
/// <param name="LookAt">The event that brought the newest look.</param>
/// <param name="Steps">Of a promotion by steps, those taken.</param>
/// <param name="RolloutOf">The test whose winner this one rolls out; empty: none.</param>
/// <param name="RampCompleted">A rollout that has ended as it should.</param>
/// <param name="HeldBack">Decided: why nothing may follow from the verdict; empty: it may be acted on.</param>
/// <param name="Phases">When each phase began.</param>
/// <param name="EndedAt">When collection ended; default: it has not.</param>
/// <param name="Revision">Rises with every change of what a node needs to assign.</param>
/// <param name="SequenceNr">Events absorbed; a verdict names the one it was computed after.</param>
public sealed record ExperimentState(
    string ExperimentId,
    ExperimentDefinition? Definition,
    ExperimentStatus Stage,
    ImmutableSortedDictionary<int, CellReported> Cells,
    ImmutableSortedDictionary<ArmKey, ArmTotals> Merged,
    ImmutableSortedDictionary<SegmentKey, ArmTotals> Segments,
    ImmutableSortedDictionary<int, SampleRatioCheck> SampleRatio,
    ImmutableSortedDictionary<ComparisonKey, RunningEvidence> Evidence,
    ImmutableList<double> Looks,
    long LookAt,
    Verdict? Verdict,
    PromotionRequested? Promotion,
    ImmutableList<PromotionStepTaken> Steps,
    int Phase,
    int Exposure,
    DateTimeOffset StartAt,
    DateTimeOffset StartedAt,
    DateTimeOffset PhaseAt,
    string CopyOf,
    string RolloutOf,
    bool RampCompleted,
    string HeldBack,
    ImmutableList<PhaseStart> Phases,
    DateTimeOffset EndedAt,
    ImmutableList<HistoryEntry> History,
    long Revision,
    long SequenceNr
) : IEntityState<ExperimentState>
{
    /// <summary>2: it holds when phases began, and the end.</summary>
    public static uint SnapshotVersion => 2;

    public static ExperimentState Empty(string entityId) =>
        new(
            entityId,
            null,
            ExperimentStatus.Unspecified,
            ImmutableSortedDictionary<int, CellReported>.Empty,
            ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
            ImmutableSortedDictionary<SegmentKey, ArmTotals>.Empty,
            ImmutableSortedDictionary<int, SampleRatioCheck>.Empty,
            ImmutableSortedDictionary<ComparisonKey, RunningEvidence>.Empty,
            [],
            0,
            null,
            null,
            [],
            0,
            0,
            default,
            default,
            default,
            "",
            "",
            false,
            "",
            [],
            default,
            [],
            0,
            0
        );

    /// <summary>The family's when it began, in basis points; null: it has not, or did before that was the family's.</summary>
    public int? Holdout { get; init; }

    /// <summary>Basis points of the family's units that it leaves out.</summary>
    public int HeldOut => Holdout ?? Definition?.Holdout ?? 0;

    /// <summary>
    /// One arm's metric over the phases that count: weights never change, so phases add up. A past phase whose split was broken is left
    /// out.
    /// </summary>
    public ArmTotals Totals(string arm, string metric) =>
        Merged
            .Where(t => t.Key.Arm == arm && t.Key.Metric == metric && Counts(t.Key.Phase))
            .Aggregate(default(ArmTotals), (sum, t) => sum.Merge(t.Value));

    /// <summary>Units in all arms.</summary>
    public long UnitsOf(string metric) =>
        Merged.Where(t => t.Key.Metric == metric && Counts(t.Key.Phase)).Sum(t => t.Value.Units);

    /// <summary>Units of a phase did not get the shares they were promised.</summary>
    public bool IsSplitBroken(int phase) =>
        SampleRatio.TryGetValue(phase, out var check) && check.AnytimeP < Statistics.SampleRatio.Broken;

    /// <summary>Who is in which arm depends on something else in a phase whose split is broken: the next one begins without it.</summary>
    public bool Counts(int phase) => phase >= Phase || !IsSplitBroken(phase);

    /// <summary>The units planned for are in.</summary>
    public bool HasReachedHorizon(string metric) =>
        Definition is { HorizonUnits: > 0 } d && UnitsOf(metric) >= d.HorizonUnits;

    /// <summary>When the next unit's time is over, in seconds since 1970; 0: none waits.</summary>
    public long NextMaturesAt =>
        Cells.Values.Where(c => c.NextMaturesAt > 0).Select(c => c.NextMaturesAt).DefaultIfEmpty().Min();

    /// <summary>The newest event is a report that reached a planned look.</summary>
    public bool IsAtLook => LookAt > 0 && LookAt == SequenceNr;

    /// <summary>A promotion or a roll-back has been asked for and not been confirmed.</summary>
    public bool IsPromoting =>
        Promotion is { } p
        && (
            p.RollBack
                ? Stage is ExperimentStatus.Decided or ExperimentStatus.Promoted
                : Stage == ExperimentStatus.Decided
        );

    /// <summary>Time alone may change it.</summary>
    public bool IsWaitingForTime => Stage is ExperimentStatus.Scheduled or ExperimentStatus.Running;

    /// <summary>Cells count while units may come or have come.</summary>
    public bool IsCollecting => Stage is ExperimentStatus.Running or ExperimentStatus.Paused;

    /// <summary>What nodes assign by. Null while there is nothing to assign.</summary>
    public RunningExperiment? Running =>
        Definition is not { } d
            ? null
            : new RunningExperiment
            {
                ExperimentId = ExperimentId,
                Revision = Revision,
                Running = Stage == ExperimentStatus.Running,
                Phase = Phase,
                Family = d.Family,
                Salt = d.Salt,
                Arms = { d.Arms },
                Exposure = Exposure,
                Cells = d.Cells,
                Layer = d.Layer,
                Holdout = HeldOut,
                Eligibility = { d.Eligibility },
                Hashing = d.Hashing,
                RolloutOf = RolloutOf,
                Phases = { Phases },
                EndedAt = Stamp(EndedAt),
                Archived = Stage == ExperimentStatus.Archived,
            };

    public Decision Decide(ICommand command, DateTimeOffset now) => Lifecycle.Decide(this, command, now);

    public ExperimentState Apply(IEvent e)
    {
        var next = Change(e) with { SequenceNr = SequenceNr + 1 };
        next = next with { History = Experiments.History.With(History, e, next.SequenceNr) };
        return e is CellReported { Look: > 0 } ? next with { LookAt = next.SequenceNr } : next;
    }

    public IWireMessage Answer(IQuery query) =>
        Definition is null
            ? new NotFoundReply { Region = RegionNames.AbTest, EntityId = ExperimentId }
            : query switch
            {
                GetExperiment => ExperimentAnswers.Describe(this),
                GetVerdict asked => ExperimentAnswers.Judge(this, asked),
                GetRunningExperiment => Running!,
                CheckClaim asked => new ClaimCheckReply
                {
                    ExperimentId = ExperimentId,
                    Needed = UnitsAtStake.Needs(this) && asked.Family == Definition.Family,
                },
                _ => throw new NotSupportedException(query.GetType().Name),
            };

    public IWireMessage ToSnapshot()
    {
        var snapshot = new ExperimentSnapshot
        {
            Definition = Definition,
            Status = Stage,
            Cells = { Cells.Values },
            Verdict = Verdict,
            Promotion = Promotion,
            Phase = Phase,
            Exposure = Exposure,
            Revision = Revision,
            SequenceNr = SequenceNr,
            SampleRatio = { SampleRatio.Values },
            Evidence = { Evidence.Select(e => e.Value.ToMessage(e.Key)) },
            Looks = { Looks },
            LookAt = LookAt,
            StartAt = Stamp(StartAt),
            StartedAt = Stamp(StartedAt),
            PhaseAt = Stamp(PhaseAt),
            History = { History },
            CopyOf = CopyOf,
            Steps = { Steps },
            RolloutOf = RolloutOf,
            RampCompleted = RampCompleted,
            HeldBack = HeldBack,
            Phases = { Phases },
            EndedAt = Stamp(EndedAt),
        };
        if (Holdout is { } holdout)
        {
            snapshot.Holdout = holdout;
        }

        return snapshot;
    }

    public static ExperimentState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (ExperimentSnapshot)snapshot;
        return Empty(entityId) with
        {
            Definition = s.Definition,
            Stage = s.Status,
            Cells = s.Cells.ToImmutableSortedDictionary(c => c.Cell, c => c),
            Merged = s.Cells.Aggregate(
                ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
                (merged, cell) => MergedTotals.Add(merged, cell, 1)
            ),
            Segments = s.Cells.Aggregate(
                ImmutableSortedDictionary<SegmentKey, ArmTotals>.Empty,
                (segments, cell) => MergedTotals.AddSegments(segments, cell, 1)
            ),
            SampleRatio = s.SampleRatio.ToImmutableSortedDictionary(c => c.Phase, c => c),
            Evidence = s.Evidence.ToImmutableSortedDictionary(KeyOf, RunningEvidence.Of),
            Looks = [.. s.Looks],
            LookAt = s.LookAt,
            Verdict = s.Verdict,
            Promotion = s.Promotion,
            Phase = s.Phase,
            Exposure = s.Exposure,
            StartAt = Time(s.StartAt),
            StartedAt = Time(s.StartedAt),
            PhaseAt = Time(s.PhaseAt),
            CopyOf = s.CopyOf,
            Steps = [.. s.Steps],
            RolloutOf = s.RolloutOf,
            RampCompleted = s.RampCompleted,
            HeldBack = s.HeldBack,
            Phases = [.. s.Phases],
            EndedAt = Time(s.EndedAt),
            History = [.. s.History],
            Revision = s.Revision,
            SequenceNr = s.SequenceNr,
            Holdout = s.HasHoldout ? s.Holdout : null,
        };
    }

    private ExperimentState Change(IEvent e) =>
        e switch
        {
            ExperimentCreated created => this with
            {
                Definition = created.Definition,
                Stage = ExperimentStatus.Draft,
                CopyOf = created.CopyOf,
                RolloutOf = created.RolloutOf,
            },
            ExperimentEdited edited => this with
            {
                Definition = edited.Definition,
                // Another margin is another question.
                Evidence = edited.Definition.Guardrails.Equals(Definition!.Guardrails)
                    ? Evidence
                    : Without(MetricRole.Guardrail),
                Revision = Revision + 1,
            },
            ExperimentScheduled scheduled => this with
            {
                Stage = ExperimentStatus.Scheduled,
                StartAt = Time(scheduled.StartAt),
            },
            ExperimentStarted started => this with
            {
                Stage = ExperimentStatus.Running,
                Phase = started.Phase,
                Exposure = started.Exposure,
                StartedAt = StartedAt == default ? Time(started.Header?.At) : StartedAt,
                PhaseAt = Time(started.Header?.At),
                Evidence = started.Phase == Phase ? Evidence : InNewPhase(),
                // After a pause it is the same phase.
                Phases =
                    started.Phase == Phase
                        ? Phases
                        : Phases.Add(
                            new PhaseStart
                            {
                                Phase = started.Phase,
                                Exposure = started.Exposure,
                                StartedAt = started.Header?.At,
                            }
                        ),
                Holdout = started.HasHoldout ? started.Holdout : Holdout,
                Revision = Revision + 1,
            },
            ExperimentPaused => this with { Stage = ExperimentStatus.Paused, Revision = Revision + 1 },
            CellReported cell => Count(cell),
            ExperimentDecided decided => this with
            {
                Stage = ExperimentStatus.Decided,
                Verdict = decided.Verdict,
                RampCompleted = decided.RampCompleted,
                HeldBack = decided.HeldBack,
                EndedAt = Time(decided.Header?.At),
                Revision = Revision + 1,
            },
            PromotionRequested promotion => this with { Promotion = promotion },
            PromotionStepTaken step => this with { Steps = Steps.Add(step) },
            ExperimentPromoted => this with { Stage = ExperimentStatus.Promoted, Revision = Revision + 1 },
            ExperimentRolledBack => this with { Stage = ExperimentStatus.RolledBack, Revision = Revision + 1 },
            ExperimentArchived => this with { Stage = ExperimentStatus.Archived, Revision = Revision + 1 },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    private ExperimentState Count(CellReported cell)
    {
        var known = Cells.TryGetValue(cell.Cell, out var before);
        var merged = known ? MergedTotals.Add(Merged, before!, -1) : Merged;
        var segments = known ? MergedTotals.AddSegments(Segments, before!, -1) : Segments;
        return this with
        {
            // Its checks are the test's, and are kept once.
            Cells = Cells.SetItem(
                cell.Cell,
                new CellReported
                {
                    Cell = cell.Cell,
                    Revision = cell.Revision,
                    Arms = { cell.Arms },
                    Segments = { cell.Segments },
                    CrossedUnits = cell.CrossedUnits,
                    UntimelyOutcomes = cell.UntimelyOutcomes,
                    WaitingOutcomes = cell.WaitingOutcomes,
                    MaturedUntil = cell.MaturedUntil,
                    NextMaturesAt = cell.NextMaturesAt,
                }
            ),
            Merged = MergedTotals.Add(merged, cell, 1),
            Segments = MergedTotals.AddSegments(segments, cell, 1),
            SampleRatio = SampleRatio.SetItems(cell.SampleRatio.Select(c => KeyValuePair.Create(c.Phase, c))),
            Evidence = Evidence.SetItems(
                cell.Evidence.Select(e => KeyValuePair.Create(KeyOf(e), RunningEvidence.Of(e)))
            ),
            Looks = cell.Look > 0 ? Looks.Add(cell.Look) : Looks,
        };
    }

    /// <summary>What may be looked at any time is looked for anew; a planned look is never taken again, so its finding stays.</summary>
    private ImmutableSortedDictionary<ComparisonKey, RunningEvidence> InNewPhase() =>
        Question.Of(Definition!).IsPlanned ? Without(MetricRole.Guardrail) : Evidence.Clear();

    private ImmutableSortedDictionary<ComparisonKey, RunningEvidence> Without(MetricRole role) =>
        Evidence.RemoveRange(Evidence.Keys.Where(k => k.Role == role));

    private static ComparisonKey KeyOf(EvidenceSoFar e) => new(e.Role, e.Metric, e.Arm);

    private static DateTimeOffset Time(Timestamp? at) => at?.ToDateTimeOffset() ?? default;

    internal static Timestamp? Stamp(DateTimeOffset at) => at == default ? null : Timestamp.FromDateTimeOffset(at);
}
