using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// One experiment: its definition, where it stands, the newest report of each cell, and the verdict. Draft, Running,
/// Paused, Decided, Promoted: a decided test collects no more.
/// </summary>
/// <param name="Revision">Rises with every change of what a node needs to assign.</param>
/// <param name="SequenceNr">Events absorbed; a verdict names the one it was computed after.</param>
public sealed record TestState(
    string TestId,
    TestDefinition? Definition,
    TestPhase Stage,
    ImmutableSortedDictionary<int, CellReported> Cells,
    Verdict? Verdict,
    PromotionRequested? Promotion,
    int Phase,
    int Exposure,
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
            null,
            null,
            0,
            0,
            0,
            0
        );

    /// <summary>All cells' statistics of the phase under way, by arm.</summary>
    public ImmutableSortedDictionary<string, ArmTotals> Totals =>
        Cells
            .Values.SelectMany(c => c.Arms)
            .Where(a => a.Phase == Phase)
            .GroupBy(a => a.Arm, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                g => g.Key,
                g => g.Aggregate(default(ArmTotals), (sum, a) => sum.Merge(ArmTotals.Of(a))),
                StringComparer.Ordinal
            );

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
            };

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        (command, Stage) switch
        {
            (CreateTest c, _) => Decide(c),
            (_, TestPhase.Unspecified) => Decision.NotFound("test_id", TestId, "has not been created"),
            (StartTest, TestPhase.Draft) => Start(Phase + 1),
            (StartTest, TestPhase.Paused) => Start(Phase),
            (PauseTest c, TestPhase.Running) => Decision.Accept(new TestPaused { Reason = c.Reason }),
            (StopTest c, TestPhase.Running or TestPhase.Paused) => Decision.Accept(
                new TestDecided { Verdict = VerdictRule.Final(this, c.Reason) }
            ),
            (ReportCell c, _) => Decide(c),
            (PromoteWinner, TestPhase.Decided) => Promote(),
            (CompletePromotion c, TestPhase.Decided) when Promotion is not null => Decision.Accept(
                new TestPromoted { VersionId = c.VersionId }
            ),
            (PromoteWinner or CompletePromotion, TestPhase.Promoted) => Decision.Nothing,
            (StartTest or PauseTest or StopTest or PromoteWinner or CompletePromotion, _) => Decision.Conflict(
                "state",
                Stage,
                $"does not allow {command.GetType().Name}"
            ),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public TestState Apply(IEvent e) =>
        (
            e switch
            {
                TestCreated created => this with { Definition = created.Definition, Stage = TestPhase.Draft },
                TestStarted started => this with
                {
                    Stage = TestPhase.Running,
                    Phase = started.Phase,
                    Exposure = started.Exposure,
                    Revision = Revision + 1,
                },
                TestPaused => this with { Stage = TestPhase.Paused, Revision = Revision + 1 },
                CellReported cell => this with { Cells = Cells.SetItem(cell.Cell, cell) },
                TestDecided decided => this with
                {
                    Stage = TestPhase.Decided,
                    Verdict = decided.Verdict,
                    Revision = Revision + 1,
                },
                PromotionRequested promotion => this with { Promotion = promotion },
                TestPromoted => this with { Stage = TestPhase.Promoted, Revision = Revision + 1 },
                _ => throw new NotSupportedException(e.GetType().Name),
            }
        ) with
        {
            SequenceNr = SequenceNr + 1,
        };

    public IWireMessage Answer(IQuery query) =>
        query is not GetTest ? throw new NotSupportedException(query.GetType().Name)
        : Definition is null ? new NotFoundReply { Region = ShardNames.AbTest, EntityId = TestId }
        : new TestReply
        {
            TestId = TestId,
            State = Stage,
            Definition = Definition,
            Current = VerdictRule.Interim(this),
            Verdict = Verdict,
            Revision = Revision,
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
        };

    public static TestState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (TestSnapshot)snapshot;
        return new TestState(
            entityId,
            s.Definition,
            s.State,
            s.Cells.ToImmutableSortedDictionary(c => c.Cell, c => c),
            s.Verdict,
            s.Promotion,
            s.Phase,
            s.Exposure,
            s.Revision,
            s.SequenceNr
        );
    }

    private Decision Decide(CreateTest c)
    {
        if (Stage != TestPhase.Unspecified)
        {
            return Decision.Conflict("test_id", TestId, "exists already");
        }

        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        var definition = DefinitionRules.Complete(TestId, c.Definition);
        return DefinitionRules.Check(definition) is { } rejection
            ? new Decision([], rejection)
            : Decision.Accept(new TestCreated { Definition = definition });
    }

    private static Decision Start(int phase) =>
        Decision.Accept(new TestStarted { Phase = phase, Exposure = DefinitionRules.AllUnits });

    /// <summary>A report of an ended test still counts for the record, but the verdict stands.</summary>
    private Decision Decide(ReportCell c)
    {
        if (c.Cell < 0 || c.Cell >= Definition!.Cells)
        {
            return Decision.Invalid("cell", c.Cell, $"must be 0 to {Definition!.Cells - 1}");
        }

        if (Cells.TryGetValue(c.Cell, out var known) && known.Revision >= c.Revision)
        {
            return Decision.Nothing;
        }

        var report = new CellReported
        {
            Cell = c.Cell,
            Revision = c.Revision,
            Arms = { c.Arms },
        };
        return Stage == TestPhase.Running && VerdictRule.Reached(Apply(report)) is { } verdict
            ? Decision.Accept(report, new TestDecided { Verdict = verdict })
            : Decision.Accept(report);
    }

    private Decision Promote()
    {
        if (Promotion is not null)
        {
            return Decision.Nothing;
        }

        var winner = Definition!.Arms.FirstOrDefault(a => a.Name == Verdict!.Winner);
        return winner is null
            ? Decision.Conflict("verdict.winner", "", "there is none: nothing is promoted without a winner")
            : Decision.Accept(
                new PromotionRequested
                {
                    Arm = winner.Name,
                    VersionId = winner.VersionId.Length > 0 ? winner.VersionId : $"{TestId}-{winner.Name}",
                    LineageId = winner.LineageId,
                }
            );
    }
}
