using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a test does with a command, by where it stands.</summary>
internal static class Lifecycle
{
    private const string Expired = "its time is over";

    public static Decision Decide(ExperimentState test, ICommand command, DateTimeOffset now) =>
        (command, test.Stage) switch
        {
            (CreateExperiment c, _) => Create(test, c),
            (_, ExperimentStatus.Unspecified) => Decision.NotFound(
                "experiment_id",
                test.ExperimentId,
                "has not been created"
            ),
            (EditExperiment c, ExperimentStatus.Draft or ExperimentStatus.Scheduled) => Edit(test, c),
            (EditExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => EditSafely(test, c),
            (ScheduleExperiment c, ExperimentStatus.Draft or ExperimentStatus.Scheduled) => Schedule(c, now),
            (StartExperiment { NewPhase: true }, ExperimentStatus.Running or ExperimentStatus.Paused) => NewPhase(test),
            (StartExperiment, ExperimentStatus.Draft or ExperimentStatus.Scheduled) => Start(
                1,
                test.Definition!.Ramp[0],
                ""
            ),
            (StartExperiment, ExperimentStatus.Paused) => Start(test.Phase, test.Exposure, "after a pause"),
            (RampExperiment c, ExperimentStatus.Running) => Ramp(test, c),
            (PauseExperiment c, ExperimentStatus.Running) => Decision.Accept(
                new ExperimentPaused { Reason = c.Reason }
            ),
            (StopExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => End(
                test,
                VerdictRule.Of(test),
                c.Reason,
                now
            ),
            (ReportCell c, _) => Report(test, c, now),
            (AdvanceExperiment, ExperimentStatus.Scheduled) when now >= test.StartAt => Start(
                1,
                test.Definition!.Ramp[0],
                "as scheduled"
            ),
            (AdvanceExperiment, ExperimentStatus.Running) => Advance(test, now),
            (AdvanceExperiment, _) => Decision.Nothing,
            (PromoteWinner or RollBackExperiment, _) when test.RolloutOf.Length > 0 => OfRollout(test, command),
            (PromoteWinner, ExperimentStatus.Decided) => Promote(test),
            (TakePromotionStep c, _) => PromotionSteps.Decide(test, c, now),
            (RollBackExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => Decision.Accept(
                new ExperimentDecided { Verdict = VerdictRule.Of(test), Reason = c.Reason },
                Promotion(test, test.Definition!.Arms[0], rollBack: true)
            ),
            (RollBackExperiment c, _) when PromotionSteps.At(test) != PromotionStep.Unspecified => PromotionSteps.Abort(
                test,
                c.Reason
            ),
            (CompletePromotion c, _) when PromotionSteps.At(test) != PromotionStep.Unspecified =>
                PromotionSteps.Complete(test, c),
            (RollBackExperiment, ExperimentStatus.Decided or ExperimentStatus.Promoted) => test.Promotion
                is { RollBack: true }
                ? Decision.Nothing
                : Decision.Accept(Promotion(test, test.Definition!.Arms[0], rollBack: true)),
            // Of what was asked for before a person had it rolled back.
            (CompletePromotion c, _) when test.IsPromoting && c.VersionId != test.Promotion!.VersionId =>
                Decision.Nothing,
            (CompletePromotion c, _) when test.IsPromoting => Decision.Accept(
                test.Promotion!.RollBack
                    ? new ExperimentRolledBack { VersionId = c.VersionId }
                    : new ExperimentPromoted { VersionId = c.VersionId }
            ),
            (PromoteWinner or CompletePromotion, ExperimentStatus.Promoted) => Decision.Nothing,
            (RollBackExperiment or CompletePromotion, ExperimentStatus.RolledBack) => Decision.Nothing,
            (ArchiveExperiment c, not (ExperimentStatus.Running or ExperimentStatus.Paused)) when !test.IsPromoting =>
                test.Stage == ExperimentStatus.Archived
                    ? Decision.Nothing
                    : Decision.Accept(new ExperimentArchived { Reason = c.Reason }),
            _ => Decision.Conflict("status", test.Stage, $"does not allow {command.GetType().Name}"),
        };

    private static Decision Create(ExperimentState test, CreateExperiment c)
    {
        if (test.Stage != ExperimentStatus.Unspecified)
        {
            return Decision.Conflict("experiment_id", test.ExperimentId, "exists already");
        }

        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        if (c.RolloutOf.Length > 0 && test.ExperimentId != Rollouts.IdOf(c.RolloutOf))
        {
            return Decision.Invalid(
                "rollout_of",
                c.RolloutOf,
                $"must be the test whose rollout {test.ExperimentId} is named"
            );
        }

        var definition = DefinitionRules.Complete(test.ExperimentId, c.Definition);
        return DefinitionRules.Check(test.ExperimentId, definition) is { } rejection
            ? Decision.Refuse(rejection)
            : Decision.Accept(
                new ExperimentCreated
                {
                    Definition = definition,
                    CopyOf = c.CopyOf,
                    RolloutOf = c.RolloutOf,
                }
            );
    }

    private static Decision Edit(ExperimentState test, EditExperiment c)
    {
        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        var definition = DefinitionRules.Complete(test.ExperimentId, c.Definition);
        return DefinitionRules.Check(test.ExperimentId, definition) is { } rejection ? Decision.Refuse(rejection)
            : definition.Equals(test.Definition) ? Decision.Nothing
            : Decision.Accept(new ExperimentEdited { Definition = definition, Reason = c.Reason });
    }

    private static Decision EditSafely(ExperimentState test, EditExperiment c)
    {
        var decision = Edit(test, c);
        return
            decision.Events is [ExperimentEdited edited]
            && DefinitionRules.CheckSafeEdit(test.Definition!, edited.Definition) is { } rejection
            ? Decision.Refuse(rejection)
            : decision;
    }

    private static Decision Schedule(ScheduleExperiment c, DateTimeOffset now) =>
        c.StartAt is null || c.StartAt.ToDateTimeOffset() <= now
            ? Decision.Invalid("start_at", c.StartAt, "must be in the future")
            : Decision.Accept(new ExperimentScheduled { StartAt = c.StartAt });

    private static Decision Start(int phase, int exposure, string reason) =>
        Decision.Accept(
            new ExperimentStarted
            {
                Phase = phase,
                Exposure = exposure,
                Reason = reason,
            }
        );

    private static Decision Ramp(ExperimentState test, RampExperiment c)
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

    private static Decision NewPhase(ExperimentState test) =>
        test.Phase >= byte.MaxValue
            ? Decision.Conflict("phase", test.Phase, "is the last a test can have")
            : Start(test.Phase + 1, test.Exposure, "a new phase");

    private static int? NextStep(ExperimentState test)
    {
        var later = test.Definition!.Ramp.Where(step => step > test.Exposure).ToArray();
        return later.Length == 0 ? null : later[0];
    }

    /// <summary>Time's own decisions: the end, the verdict that had to wait, the next step of the ramp.</summary>
    private static Decision Advance(ExperimentState test, DateTimeOffset now)
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
                    new ExperimentDecided
                    {
                        Verdict = VerdictRule.Of(test),
                        Reason = "the ramp is through",
                        RampCompleted = true,
                    }
                )
            : Decision.Nothing;
    }

    /// <summary>A report of an ended test still counts for the record, but the verdict stands.</summary>
    private static Decision Report(ExperimentState test, ReportCell c, DateTimeOffset now)
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
        if (test.Stage != ExperimentStatus.Running || VerdictRule.Reached(after, now) is not { } verdict)
        {
            return Decision.Accept(report);
        }

        return Decision.Accept([report, .. End(after, verdict, "", now).Events]);
    }

    private static Decision End(ExperimentState test, Verdict verdict, string reason, DateTimeOffset now)
    {
        var heldBack = VerdictRule.HeldBack(test, verdict.Finding, now);
        var decided = new ExperimentDecided
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

    private static Decision Promote(ExperimentState test)
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
    private static Decision OfRollout(ExperimentState test, ICommand command) =>
        (command, test.Stage) switch
        {
            (RollBackExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => Decision.Accept(
                new ExperimentDecided { Verdict = VerdictRule.Of(test), Reason = c.Reason },
                Withdrawn(test, c.Reason)
            ),
            (RollBackExperiment c, ExperimentStatus.Decided) when !test.RampCompleted => Decision.Accept(
                Withdrawn(test, c.Reason)
            ),
            (RollBackExperiment, ExperimentStatus.RolledBack) => Decision.Nothing,
            _ => Decision.Conflict(
                "experiment_id",
                test.ExperimentId,
                $"is a rollout: promote or roll back {test.RolloutOf}"
            ),
        };

    private static ExperimentRolledBack Withdrawn(ExperimentState test, string reason) =>
        new() { VersionId = test.Definition!.Arms[0].VersionId, Reason = reason };

    private static PromotionRequested Promotion(ExperimentState test, Arm arm, bool rollBack) =>
        new()
        {
            Arm = arm.Name,
            VersionId = arm.VersionId.Length > 0 ? arm.VersionId : $"{test.ExperimentId}-{arm.Name}",
            LineageId = arm.LineageId,
            RollBack = rollBack,
        };
}
