using RalmActors.AbTesting.Domain.Promotions;
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
            (StartTest { NewPhase: true }, TestPhase.Running or TestPhase.Paused) => NewPhase(test),
            (StartTest, TestPhase.Draft or TestPhase.Scheduled) => Start(1, test.Definition!.Ramp[0], ""),
            (StartTest, TestPhase.Paused) => Start(test.Phase, test.Exposure, "after a pause"),
            (RampTest c, TestPhase.Running) => Ramp(test, c),
            (PauseTest c, TestPhase.Running) => Decision.Accept(new TestPaused { Reason = c.Reason }),
            (StopTest c, TestPhase.Running or TestPhase.Paused) => End(test, VerdictRule.Of(test), c.Reason, now),
            (ReportCell c, _) => Report(test, c, now),
            (AdvanceTest, TestPhase.Scheduled) when now >= test.StartAt => Start(
                1,
                test.Definition!.Ramp[0],
                "as scheduled"
            ),
            (AdvanceTest, TestPhase.Running) => Advance(test, now),
            (AdvanceTest, _) => Decision.Nothing,
            (PromoteWinner or RollBackTest, _) when test.RolloutOf.Length > 0 => OfRollout(test, command),
            (PromoteWinner, TestPhase.Decided) => Promote(test),
            (TakePromotionStep c, _) => PromotionSteps.Decide(test, c, now),
            (RollBackTest c, TestPhase.Running or TestPhase.Paused) => Decision.Accept(
                new TestDecided { Verdict = VerdictRule.Of(test), Reason = c.Reason },
                Promotion(test, test.Definition!.Arms[0], rollBack: true)
            ),
            (RollBackTest c, _) when PromotionSteps.At(test) != PromotionStep.Unspecified => PromotionSteps.Abort(
                test,
                c.Reason
            ),
            (CompletePromotion c, _) when PromotionSteps.At(test) != PromotionStep.Unspecified =>
                PromotionSteps.Complete(test, c),
            (RollBackTest, TestPhase.Decided or TestPhase.Promoted) => test.Promotion is { RollBack: true }
                ? Decision.Nothing
                : Decision.Accept(Promotion(test, test.Definition!.Arms[0], rollBack: true)),
            // Of what was asked for before a person had it rolled back.
            (CompletePromotion c, _) when test.IsPromoting && c.VersionId != test.Promotion!.VersionId =>
                Decision.Nothing,
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

        if (c.RolloutOf.Length > 0 && test.TestId != Rollouts.IdOf(c.RolloutOf))
        {
            return Decision.Invalid(
                "rollout_of",
                c.RolloutOf,
                $"must be the test whose rollout {test.TestId} is named"
            );
        }

        var definition = DefinitionRules.Complete(test.TestId, c.Definition);
        return DefinitionRules.Check(test.TestId, definition) is { } rejection
            ? new Decision([], rejection)
            : Decision.Accept(
                new TestCreated
                {
                    Definition = definition,
                    CopyOf = c.CopyOf,
                    RolloutOf = c.RolloutOf,
                }
            );
    }

    private static Decision Edit(TestState test, EditTest c)
    {
        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        var definition = DefinitionRules.Complete(test.TestId, c.Definition);
        return DefinitionRules.Check(test.TestId, definition) is { } rejection ? new Decision([], rejection)
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

    private static Decision NewPhase(TestState test) =>
        test.Phase >= byte.MaxValue
            ? Decision.Conflict("phase", test.Phase, "is the last a test can have")
            : Start(test.Phase + 1, test.Exposure, "a new phase");

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
            return End(test, VerdictRule.Of(test), Expired, now);
        }

        if (VerdictRule.Reached(test, now) is { } verdict)
        {
            return End(test, verdict, "", now);
        }

        var isDue = now >= test.PhaseAt + TimeSpan.FromSeconds(d.StepSeconds);
        var isSafe = VerdictRule.FindingOf(test) is not (Finding.Harm or Finding.Blocked);
        return !isDue || !isSafe ? Decision.Nothing
            : NextStep(test) is { } next && test.Phase < byte.MaxValue
                ? Start(test.Phase + 1, next, "the ramp's next step")
            : test.RolloutOf.Length > 0
                ? Decision.Accept(
                    new TestDecided
                    {
                        Verdict = VerdictRule.Of(test),
                        Reason = "the ramp is through",
                        RampThrough = true,
                    }
                )
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

        if (test.Cells.TryGetValue(c.Cell, out var known))
        {
            if (known.Revision > c.Revision || (known.Revision == c.Revision && !Reports.HasMatured(known, c)))
            {
                return Decision.Nothing;
            }

            // A unit whose time was over stays in, whatever another node's clock says.
            if (c.MaturedUntil < known.MaturedUntil)
            {
                return Decision.Conflict(
                    Reports.MaturedUntil,
                    known.MaturedUntil,
                    "was reported before: no report goes back"
                );
            }
        }

        var report = new CellReported
        {
            Cell = c.Cell,
            Revision = c.Revision,
            Arms = { c.Arms },
            Segments = { c.Segments },
            CrossedUnits = c.CrossedUnits,
            UntimelyOutcomes = c.UntimelyOutcomes,
            WaitingOutcomes = c.WaitingOutcomes,
            MaturedUntil = c.MaturedUntil,
            NextMaturesAt = c.NextMaturesAt,
        };
        SequentialEvidence.Complete(report, test);
        var after = test.Apply(report);
        if (test.Stage != TestPhase.Running || VerdictRule.Reached(after, now) is not { } verdict)
        {
            return Decision.Accept(report);
        }

        return Decision.Accept([report, .. End(after, verdict, "", now).Events]);
    }

    private static Decision End(TestState test, Verdict verdict, string reason, DateTimeOffset now)
    {
        var heldBack = VerdictRule.HeldBack(test, verdict.Finding, now);
        var decided = new TestDecided
        {
            Verdict = verdict,
            Reason = reason,
            HeldBack = heldBack,
        };
        var d = test.Definition!;
        return (verdict.Finding, d.OnVerdict, d.OnGuardrail) switch
        {
            (Finding.ArmWins, AutomaticAction.Promote, _) when heldBack.Length == 0 => Decision.Accept(
                decided,
                Promotion(test, d.Arms.First(a => a.Name == verdict.Winner), rollBack: false)
            ),
            (Finding.Harm, _, AutomaticAction.RollBack) when test.RolloutOf.Length > 0 => Decision.Accept(
                decided,
                Withdrawn(test, verdict.Recommendation)
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

        if (test.HeldBack.Length > 0)
        {
            return Decision.Conflict("verdict.winner", test.Verdict!.Winner, $"is held back: {test.HeldBack}");
        }

        var winner = test.Definition!.Arms.FirstOrDefault(a => a.Name == test.Verdict!.Winner);
        return winner is null
            ? Decision.Conflict("verdict.winner", "", "there is none: nothing is promoted without a winner")
            : Decision.Accept(Promotion(test, winner, rollBack: false));
    }

    /// <summary>The champion serves all the time: a rollout is over by not being shown any more.</summary>
    private static Decision OfRollout(TestState test, ICommand command) =>
        (command, test.Stage) switch
        {
            (RollBackTest c, TestPhase.Running or TestPhase.Paused) => Decision.Accept(
                new TestDecided { Verdict = VerdictRule.Of(test), Reason = c.Reason },
                Withdrawn(test, c.Reason)
            ),
            (RollBackTest c, TestPhase.Decided) when !test.RampThrough => Decision.Accept(Withdrawn(test, c.Reason)),
            (RollBackTest, TestPhase.RolledBack) => Decision.Nothing,
            _ => Decision.Conflict("test_id", test.TestId, $"is a rollout: promote or roll back {test.RolloutOf}"),
        };

    private static TestRolledBack Withdrawn(TestState test, string reason) =>
        new() { VersionId = test.Definition!.Arms[0].VersionId, Reason = reason };

    private static PromotionRequested Promotion(TestState test, Arm arm, bool rollBack) =>
        new()
        {
            Arm = arm.Name,
            VersionId = arm.VersionId.Length > 0 ? arm.VersionId : $"{test.TestId}-{arm.Name}",
            LineageId = arm.LineageId,
            RollBack = rollBack,
        };
}
