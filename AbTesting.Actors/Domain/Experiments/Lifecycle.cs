using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a test does with a command, by where it stands.</summary>
internal static class Lifecycle
{
    private const string Expired = "its time is over";

    public static Decision Decide(TestState test, ICommand command, DateTimeOffset now) =>
        (command, test.Stage) switch
        {
            (CreateTest c, _) => Create(test, c),
            (_, TestPhase.Unspecified) => Decision.NotFound("test_id", test.TestId, "has not been created"),
            (EditTest c, TestPhase.Draft or TestPhase.Scheduled) => Edit(test, c),
            (EditTest c, TestPhase.Running or TestPhase.Paused) => EditSafely(test, c),
            (ScheduleTest c, TestPhase.Draft or TestPhase.Scheduled) => Schedule(c, now),
            (StartTest, TestPhase.Draft or TestPhase.Scheduled) => Start(1, test.Definition!.Ramp[0], ""),
            (StartTest, TestPhase.Paused) => Start(test.Phase, test.Exposure, "after a pause"),
            (RampTest c, TestPhase.Running) => Ramp(test, c),
            (PauseTest c, TestPhase.Running) => Decision.Accept(new TestPaused { Reason = c.Reason }),
            (StopTest c, TestPhase.Running or TestPhase.Paused) => End(test, VerdictRule.Of(test), c.Reason),
            (ReportCell c, _) => Report(test, c, now),
            (AdvanceTest, TestPhase.Scheduled) when now >= test.StartAt => Start(
                1,
                test.Definition!.Ramp[0],
                "as scheduled"
            ),
            (AdvanceTest, TestPhase.Running) => Advance(test, now),
            (AdvanceTest, _) => Decision.Nothing,
            (PromoteWinner, TestPhase.Decided) => Promote(test),
            (RollBackTest c, TestPhase.Running or TestPhase.Paused) => Decision.Accept(
                new TestDecided { Verdict = VerdictRule.Of(test), Reason = c.Reason },
                Promotion(test, test.Definition!.Arms[0], rollBack: true)
            ),
            (RollBackTest, TestPhase.Decided or TestPhase.Promoted) => test.Promotion is { RollBack: true }
                ? Decision.Nothing
                : Decision.Accept(Promotion(test, test.Definition!.Arms[0], rollBack: true)),
            (CompletePromotion c, _) when test.IsPromoting => Decision.Accept(
                test.Promotion!.RollBack
                    ? new TestRolledBack { VersionId = c.VersionId }
                    : new TestPromoted { VersionId = c.VersionId }
            ),
            (PromoteWinner or CompletePromotion, TestPhase.Promoted) => Decision.Nothing,
            (RollBackTest or CompletePromotion, TestPhase.RolledBack) => Decision.Nothing,
            (ArchiveTest c, not (TestPhase.Running or TestPhase.Paused)) when !test.IsPromoting => test.Stage
            == TestPhase.Archived
                ? Decision.Nothing
                : Decision.Accept(new TestArchived { Reason = c.Reason }),
            _ => Decision.Conflict("state", test.Stage, $"does not allow {command.GetType().Name}"),
        };

    private static Decision Create(TestState test, CreateTest c)
    {
        if (test.Stage != TestPhase.Unspecified)
        {
            return Decision.Conflict("test_id", test.TestId, "exists already");
        }

        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        var definition = DefinitionRules.Complete(test.TestId, c.Definition);
        return DefinitionRules.Check(definition) is { } rejection
            ? new Decision([], rejection)
            : Decision.Accept(new TestCreated { Definition = definition, CopyOf = c.CopyOf });
    }

    private static Decision Edit(TestState test, EditTest c)
    {
        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        var definition = DefinitionRules.Complete(test.TestId, c.Definition);
        return DefinitionRules.Check(definition) is { } rejection ? new Decision([], rejection)
            : definition.Equals(test.Definition) ? Decision.Nothing
            : Decision.Accept(new TestEdited { Definition = definition, Reason = c.Reason });
    }

    private static Decision EditSafely(TestState test, EditTest c)
    {
        var decision = Edit(test, c);
        return
            decision.Events is [TestEdited edited]
            && DefinitionRules.CheckSafeEdit(test.Definition!, edited.Definition) is { } rejection
            ? new Decision([], rejection)
            : decision;
    }

    private static Decision Schedule(ScheduleTest c, DateTimeOffset now) =>
        c.StartAt is null || c.StartAt.ToDateTimeOffset() <= now
            ? Decision.Invalid("start_at", c.StartAt, "must be in the future")
            : Decision.Accept(new TestScheduled { StartAt = c.StartAt });

    private static Decision Start(int phase, int exposure, string reason) =>
        Decision.Accept(
            new TestStarted
            {
                Phase = phase,
                Exposure = exposure,
                Reason = reason,
            }
        );

    private static Decision Ramp(TestState test, RampTest c)
    {
        var next = c.Exposure > 0 ? c.Exposure : NextStep(test);
        return next is null ? Decision.Conflict("exposure", test.Exposure, "is the ramp's last step")
            : next <= test.Exposure || next > DefinitionRules.AllUnits
                ? Decision.Invalid(
                    "exposure",
                    next,
                    $"must be {test.Exposure + 1:N0} to {DefinitionRules.AllUnits:N0}: a ramp only grows"
                )
            : test.Phase >= byte.MaxValue ? Decision.Conflict("phase", test.Phase, "is the last a test can have")
            : Start(test.Phase + 1, next.Value, c.Reason);
    }

    private static int? NextStep(TestState test)
    {
        var later = test.Definition!.Ramp.Where(step => step > test.Exposure).ToArray();
        return later.Length == 0 ? null : later[0];
    }

    /// <summary>Time's own decisions: the end, the verdict that had to wait, the next step of the ramp.</summary>
    private static Decision Advance(TestState test, DateTimeOffset now)
    {
        var d = test.Definition!;
        if (d.MaxSeconds > 0 && now >= test.StartedAt + TimeSpan.FromSeconds(d.MaxSeconds))
        {
            return End(test, VerdictRule.Of(test), Expired);
        }

        if (VerdictRule.Reached(test, now) is { } verdict)
        {
            return End(test, verdict, "");
        }

        var isDue = now >= test.PhaseAt + TimeSpan.FromSeconds(d.StepSeconds);
        var isSafe = VerdictRule.FindingOf(test) is not (Finding.Harm or Finding.Blocked);
        return isDue && isSafe && NextStep(test) is { } next && test.Phase < byte.MaxValue
            ? Start(test.Phase + 1, next, "the ramp's next step")
            : Decision.Nothing;
    }

    /// <summary>A report of an ended test still counts for the record, but the verdict stands.</summary>
    private static Decision Report(TestState test, ReportCell c, DateTimeOffset now)
    {
        var d = test.Definition!;
        if (c.Cell < 0 || c.Cell >= d.Cells)
        {
            return Decision.Invalid("cell", c.Cell, $"must be 0 to {d.Cells - 1}");
        }

        if (test.Cells.TryGetValue(c.Cell, out var known) && known.Revision >= c.Revision)
        {
            return Decision.Nothing;
        }

        var report = new CellReported
        {
            Cell = c.Cell,
            Revision = c.Revision,
            Arms = { c.Arms },
        };
        SequentialEvidence.Complete(report, test);
        var after = test.Apply(report);
        if (test.Stage != TestPhase.Running || VerdictRule.Reached(after, now) is not { } verdict)
        {
            return Decision.Accept(report);
        }

        return Decision.Accept([report, .. End(after, verdict, "").Events]);
    }

    private static Decision End(TestState test, Verdict verdict, string reason)
    {
        var decided = new TestDecided { Verdict = verdict, Reason = reason };
        var d = test.Definition!;
        return (verdict.Finding, d.OnVerdict, d.OnGuardrail) switch
        {
            (Finding.ArmWins, AutomaticAction.Promote, _) => Decision.Accept(
                decided,
                Promotion(test, d.Arms.First(a => a.Name == verdict.Winner), rollBack: false)
            ),
            (Finding.Harm, _, AutomaticAction.RollBack) => Decision.Accept(
                decided,
                Promotion(test, d.Arms[0], rollBack: true)
            ),
            _ => Decision.Accept(decided),
        };
    }

    private static Decision Promote(TestState test)
    {
        if (test.Promotion is not null)
        {
            return Decision.Nothing;
        }

        var winner = test.Definition!.Arms.FirstOrDefault(a => a.Name == test.Verdict!.Winner);
        return winner is null
            ? Decision.Conflict("verdict.winner", "", "there is none: nothing is promoted without a winner")
            : Decision.Accept(Promotion(test, winner, rollBack: false));
    }

    private static PromotionRequested Promotion(TestState test, Arm arm, bool rollBack) =>
        new()
        {
            Arm = arm.Name,
            VersionId = arm.VersionId.Length > 0 ? arm.VersionId : $"{test.TestId}-{arm.Name}",
            LineageId = arm.LineageId,
            RollBack = rollBack,
        };
}
