using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// One experiment: its definition, where it stands, the newest report of each cell, and the verdict. docs/experiments.md
/// draws its life.
/// </summary>
/// <param name="Merged">All cells together, per phase, arm and metric; what verdicts rest on.</param>
/// <param name="Segments">The same per segment, over all phases.</param>
/// <param name="Looks">Group-sequential: information fractions of the looks taken.</param>
/// <param name="LookAt">The event that brought the newest look.</param>
/// <param name="Steps">Of a promotion by steps, those taken.</param>
/// <param name="RolloutOf">The test whose winner this one rolls out; empty: none.</param>
/// <param name="RampThrough">A rollout that has ended as it should.</param>
/// <param name="Revision">Rises with every change of what a node needs to assign.</param>
/// <param name="SequenceNr">Events absorbed; a verdict names the one it was computed after.</param>
public sealed record TestState(
    string TestId,
    TestDefinition? Definition,
    TestPhase Stage,
    ImmutableSortedDictionary<int, CellReported> Cells,
    ImmutableSortedDictionary<ArmKey, ArmTotals> Merged,
    ImmutableSortedDictionary<SegmentKey, ArmTotals> Segments,
    ImmutableSortedDictionary<int, SampleRatioCheck> SampleRatio,
    ImmutableSortedDictionary<string, double> Peaks,
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
    bool RampThrough,
    ImmutableList<HistoryEntry> History,
    long Revision,
    long SequenceNr
) : IEntityState<TestState>
{
    public static TestState Empty(string entityId) =>
        new(
            entityId,
            null,
            TestPhase.Unspecified,
            ImmutableSortedDictionary<int, CellReported>.Empty,
            ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
            ImmutableSortedDictionary<SegmentKey, ArmTotals>.Empty,
            ImmutableSortedDictionary<int, SampleRatioCheck>.Empty,
            ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal),
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
            [],
            0,
            0
        );

    /// <summary>One arm's metric over all phases: weights never change, so phases add up.</summary>
    public ArmTotals Totals(string arm, string metric) =>
        Merged
            .Where(t => t.Key.Arm == arm && t.Key.Metric == metric)
            .Aggregate(default(ArmTotals), (sum, t) => sum.Merge(t.Value));

    /// <summary>Units in all arms.</summary>
    public long UnitsOf(string metric) => Merged.Where(t => t.Key.Metric == metric).Sum(t => t.Value.Units);

    public double SmallestP(string arm) => Peaks.GetValueOrDefault(arm, 1);

    /// <summary>The newest event is a report that reached a planned look.</summary>
    public bool IsAtLook => LookAt > 0 && LookAt == SequenceNr;

    /// <summary>A promotion or a roll-back has been asked for and not been confirmed.</summary>
    public bool IsPromoting =>
        Promotion is { } p
        && (p.RollBack ? Stage is TestPhase.Decided or TestPhase.Promoted : Stage == TestPhase.Decided);

    /// <summary>Time alone may change it.</summary>
    public bool IsWaitingForTime => Stage is TestPhase.Scheduled or TestPhase.Running;

    /// <summary>Cells count while units may come or have come.</summary>
    public bool IsCollecting => Stage is TestPhase.Running or TestPhase.Paused;

    /// <summary>What nodes assign by. Null while there is nothing to assign.</summary>
    public RunningTest? Running =>
        Definition is not { } d
            ? null
            : new RunningTest
            {
                TestId = TestId,
                Revision = Revision,
                Running = Stage == TestPhase.Running,
                Phase = Phase,
                Family = d.Family,
                Salt = d.Salt,
                Arms = { d.Arms },
                Exposure = Exposure,
                Cells = d.Cells,
                Layer = d.Layer,
                Holdout = d.Holdout,
                Eligibility = { d.Eligibility },
                Hashing = d.Hashing,
                RolloutOf = RolloutOf,
            };

    public Decision Decide(ICommand command, DateTimeOffset now) => Lifecycle.Decide(this, command, now);

    public TestState Apply(IEvent e)
    {
        var next = Change(e) with { SequenceNr = SequenceNr + 1 };
        next = next with { History = Experiments.History.With(History, e, next.SequenceNr) };
        return e is CellReported { Look: > 0 } ? next with { LookAt = next.SequenceNr } : next;
    }

    public IWireMessage Answer(IQuery query) =>
        Definition is null
            ? new NotFoundReply { Region = ShardNames.AbTest, EntityId = TestId }
            : query switch
            {
                GetTest => Describe(),
                GetVerdict asked => Judge(asked),
                _ => throw new NotSupportedException(query.GetType().Name),
            };

    public IWireMessage ToSnapshot() =>
        new TestSnapshot
        {
            Definition = Definition,
            State = Stage,
            Cells = { Cells.Values },
            Verdict = Verdict,
            Promotion = Promotion,
            Phase = Phase,
            Exposure = Exposure,
            Revision = Revision,
            SequenceNr = SequenceNr,
            SampleRatio = { SampleRatio.Values },
            Peaks = { Peaks.Select(p => new PeakEvidence { Arm = p.Key, SmallestP = p.Value }) },
            Looks = { Looks },
            LookAt = LookAt,
            StartAt = Stamp(StartAt),
            StartedAt = Stamp(StartedAt),
            PhaseAt = Stamp(PhaseAt),
            History = { History },
            CopyOf = CopyOf,
            Steps = { Steps },
            RolloutOf = RolloutOf,
            RampThrough = RampThrough,
        };

    public static TestState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (TestSnapshot)snapshot;
        return Empty(entityId) with
        {
            Definition = s.Definition,
            Stage = s.State,
            Cells = s.Cells.ToImmutableSortedDictionary(c => c.Cell, c => c),
            Merged = s.Cells.Aggregate(
                ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
                (merged, cell) => Add(merged, cell, 1)
            ),
            Segments = s.Cells.Aggregate(
                ImmutableSortedDictionary<SegmentKey, ArmTotals>.Empty,
                (segments, cell) => AddSegments(segments, cell, 1)
            ),
            SampleRatio = s.SampleRatio.ToImmutableSortedDictionary(c => c.Phase, c => c),
            Peaks = s.Peaks.ToImmutableSortedDictionary(p => p.Arm, p => p.SmallestP, StringComparer.Ordinal),
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
            RampThrough = s.RampThrough,
            History = [.. s.History],
            Revision = s.Revision,
            SequenceNr = s.SequenceNr,
        };
    }

    private TestReply Describe() =>
        new()
        {
            TestId = TestId,
            State = Stage,
            Definition = Definition,
            Current = VerdictRule.Of(this),
            Verdict = Verdict,
            Revision = Revision,
            Phase = Phase,
            Exposure = Exposure,
            StartAt = Stamp(StartAt),
            StartedAt = Stamp(StartedAt),
            History = { History },
            CopyOf = CopyOf,
            Promotion = PromotionSteps.Describe(this),
            RolloutOf = RolloutOf,
            RampThrough = RampThrough,
        };

    private VerdictReply Judge(GetVerdict asked)
    {
        var rejection =
            asked.SequenceNr < 0 || asked.SequenceNr > SequenceNr
                ? Decision.Invalid("sequence_nr", asked.SequenceNr, $"must be 0 to {SequenceNr}").Rejection
                : Question.Check(Definition!, asked);
        return new VerdictReply
        {
            TestId = TestId,
            Verdict = rejection is null ? VerdictRule.Of(this, Question.Of(Definition!, asked)) : null,
            Rejection = rejection,
        };
    }

    private TestState Change(IEvent e) =>
        e switch
        {
            TestCreated created => this with
            {
                Definition = created.Definition,
                Stage = TestPhase.Draft,
                CopyOf = created.CopyOf,
                RolloutOf = created.RolloutOf,
            },
            TestEdited edited => this with { Definition = edited.Definition, Revision = Revision + 1 },
            TestScheduled scheduled => this with { Stage = TestPhase.Scheduled, StartAt = Time(scheduled.StartAt) },
            TestStarted started => this with
            {
                Stage = TestPhase.Running,
                Phase = started.Phase,
                Exposure = started.Exposure,
                StartedAt = StartedAt == default ? Time(started.Header?.At) : StartedAt,
                PhaseAt = Time(started.Header?.At),
                Revision = Revision + 1,
            },
            TestPaused => this with { Stage = TestPhase.Paused, Revision = Revision + 1 },
            CellReported cell => Count(cell),
            TestDecided decided => this with
            {
                Stage = TestPhase.Decided,
                Verdict = decided.Verdict,
                RampThrough = decided.RampThrough,
                Revision = Revision + 1,
            },
            PromotionRequested promotion => this with { Promotion = promotion },
            PromotionStepTaken step => this with { Steps = Steps.Add(step) },
            TestPromoted => this with { Stage = TestPhase.Promoted, Revision = Revision + 1 },
            TestRolledBack => this with { Stage = TestPhase.RolledBack, Revision = Revision + 1 },
            TestArchived => this with { Stage = TestPhase.Archived, Revision = Revision + 1 },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    private TestState Count(CellReported cell)
    {
        var known = Cells.TryGetValue(cell.Cell, out var before);
        var merged = known ? Add(Merged, before!, -1) : Merged;
        var segments = known ? AddSegments(Segments, before!, -1) : Segments;
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
                }
            ),
            Merged = Add(merged, cell, 1),
            Segments = AddSegments(segments, cell, 1),
            SampleRatio = SampleRatio.SetItems(cell.SampleRatio.Select(c => KeyValuePair.Create(c.Phase, c))),
            Peaks = Peaks.SetItems(cell.Peaks.Select(p => KeyValuePair.Create(p.Arm, p.SmallestP))),
            Looks = cell.Look > 0 ? Looks.Add(cell.Look) : Looks,
        };
    }

    /// <summary>Sums are exact, so taking a report out leaves nothing of it behind.</summary>
    private static ImmutableSortedDictionary<ArmKey, ArmTotals> Add(
        ImmutableSortedDictionary<ArmKey, ArmTotals> merged,
        CellReported cell,
        int sign
    )
    {
        var sum = merged.ToBuilder();
        foreach (var arm in cell.Arms)
        {
            var key = new ArmKey(arm.Phase, arm.Arm, arm.Metric);
            var totals = ArmTotals.Of(arm);
            sum[key] = sum.GetValueOrDefault(key).Merge(sign > 0 ? totals : totals.Negated);
        }

        return sum.ToImmutable();
    }

    private static ImmutableSortedDictionary<SegmentKey, ArmTotals> AddSegments(
        ImmutableSortedDictionary<SegmentKey, ArmTotals> merged,
        CellReported cell,
        int sign
    )
    {
        if (cell.Segments.Count == 0)
        {
            return merged;
        }

        var sum = merged.ToBuilder();
        foreach (var part in cell.Segments)
        {
            var (key, totals) = (SegmentKey.Of(part), ArmTotals.Of(part));
            sum[key] = sum.GetValueOrDefault(key).Merge(sign > 0 ? totals : totals.Negated);
        }

        return sum.ToImmutable();
    }

    private static DateTimeOffset Time(Timestamp? at) => at?.ToDateTimeOffset() ?? default;

    private static Timestamp? Stamp(DateTimeOffset at) => at == default ? null : Timestamp.FromDateTimeOffset(at);
}
