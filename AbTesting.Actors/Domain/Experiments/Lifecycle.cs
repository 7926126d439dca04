using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a test does with a command, by where it stands.</summary>
internal static class Lifecycle
{
    private const string Expired = "its time is over";

    public static Decision Decide(ExperimentState experiment, ICommand command, DateTimeOffset now) =>
        (command, experiment.Stage) switch
        {
            (CreateExperiment c, _) => Create(experiment, c),
            (_, ExperimentStatus.Unspecified) => Decision.NotFound(
                "experiment_id",
                experiment.ExperimentId,
                "has not been created"
            ),
            (EditExperiment c, ExperimentStatus.Draft or ExperimentStatus.Scheduled) => Edit(experiment, c),
            (EditExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => EditSafely(experiment, c),
            (ScheduleExperiment c, ExperimentStatus.Draft or ExperimentStatus.Scheduled) => Schedule(c, now),
            (StartExperiment { NewPhase: true }, ExperimentStatus.Running or ExperimentStatus.Paused) => NewPhase(
                experiment
            ),
            (StartExperiment, ExperimentStatus.Draft or ExperimentStatus.Scheduled) => Start(
                1,
                experiment.Definition!.Ramp[0],
                ""
            ),
            (StartExperiment, ExperimentStatus.Paused) => Start(experiment.Phase, experiment.Exposure, "after a pause"),
            (RampExperiment c, ExperimentStatus.Running) => Ramp(experiment, c),
            (PauseExperiment c, ExperimentStatus.Running) => Decision.Accept(
                new ExperimentPaused { Reason = c.Reason }
            ),
            (StopExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => End(
                experiment,
                VerdictRule.Of(experiment),
                c.Reason,
                now
            ),
            (ReportCell c, _) => Report(experiment, c, now),
            (AdvanceExperiment, ExperimentStatus.Scheduled) when now >= experiment.StartAt => Start(
                1,
                experiment.Definition!.Ramp[0],
                "as scheduled"
            ),
            (AdvanceExperiment, ExperimentStatus.Running) => Advance(experiment, now),
            (AdvanceExperiment, _) => Decision.Nothing,
            (PromoteWinner or RollBackExperiment, _) when experiment.RolloutOf.Length > 0 => OfRollout(
                experiment,
                command
            ),
            (PromoteWinner, ExperimentStatus.Decided) => Promote(experiment),
            (TakePromotionStep c, _) => PromotionSteps.Decide(experiment, c, now),
            (RollBackExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => Decision.Accept(
                new ExperimentDecided { Verdict = VerdictRule.Of(experiment), Reason = c.Reason },
                Promotion(experiment, experiment.Definition!.Arms[0], rollBack: true)
            ),
            (RollBackExperiment c, _) when PromotionSteps.At(experiment) != PromotionStep.Unspecified =>
                PromotionSteps.Abort(experiment, c.Reason),
            (CompletePromotion c, _) when PromotionSteps.At(experiment) != PromotionStep.Unspecified =>
                PromotionSteps.Complete(experiment, c),
            (RollBackExperiment, ExperimentStatus.Decided or ExperimentStatus.Promoted) => experiment.Promotion
                is { RollBack: true }
                ? Decision.Nothing
                : Decision.Accept(Promotion(experiment, experiment.Definition!.Arms[0], rollBack: true)),
            // Of what was asked for before a person had it rolled back.
            (CompletePromotion c, _) when experiment.IsPromoting && c.VersionId != experiment.Promotion!.VersionId =>
                Decision.Nothing,
            (CompletePromotion c, _) when experiment.IsPromoting => Decision.Accept(
                experiment.Promotion!.RollBack
                    ? new ExperimentRolledBack { VersionId = c.VersionId }
                    : new ExperimentPromoted { VersionId = c.VersionId }
            ),
            (PromoteWinner or CompletePromotion, ExperimentStatus.Promoted) => Decision.Nothing,
            (RollBackExperiment or CompletePromotion, ExperimentStatus.RolledBack) => Decision.Nothing,
            (ArchiveExperiment c, not (ExperimentStatus.Running or ExperimentStatus.Paused))
                when !experiment.IsPromoting => experiment.Stage == ExperimentStatus.Archived
                ? Decision.Nothing
                : Decision.Accept(new ExperimentArchived { Reason = c.Reason }),
            _ => Decision.Conflict("status", experiment.Stage, $"does not allow {command.GetType().Name}"),
        };

    private static Decision Create(ExperimentState experiment, CreateExperiment c)
    {
        if (experiment.Stage != ExperimentStatus.Unspecified)
        {
            return Decision.Conflict("experiment_id", experiment.ExperimentId, "exists already");
        }

        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        if (c.RolloutOf.Length > 0 && experiment.ExperimentId != Rollouts.IdOf(c.RolloutOf))
        {
            return Decision.Invalid(
                "rollout_of",
                c.RolloutOf,
                $"must be the test whose rollout {experiment.ExperimentId} is named"
            );
        }

        var definition = DefinitionRules.Complete(experiment.ExperimentId, c.Definition);
        return DefinitionRules.Check(experiment.ExperimentId, definition) is { } rejection
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

    private static Decision Edit(ExperimentState experiment, EditExperiment c)
    {
        if (c.Definition is null)
        {
            return Decision.Invalid("definition", "", "must be set");
        }

        var definition = DefinitionRules.Complete(experiment.ExperimentId, c.Definition);
        return DefinitionRules.Check(experiment.ExperimentId, definition) is { } rejection ? Decision.Refuse(rejection)
            : definition.Equals(experiment.Definition) ? Decision.Nothing
            : Decision.Accept(new ExperimentEdited { Definition = definition, Reason = c.Reason });
    }

    private static Decision EditSafely(ExperimentState experiment, EditExperiment c)
    {
        var decision = Edit(experiment, c);
        return
            decision.Events is [ExperimentEdited edited]
            && DefinitionRules.CheckSafeEdit(experiment.Definition!, edited.Definition) is { } rejection
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

    private static Decision Ramp(ExperimentState experiment, RampExperiment c)
    {
        var next = c.Exposure > 0 ? c.Exposure : NextStep(experiment);
        return next is null ? Decision.Conflict("exposure", experiment.Exposure, "is the ramp's last step")
            : next <= experiment.Exposure || next > DefinitionRules.AllUnits
                ? Decision.Invalid(
                    "exposure",
                    next,
                    $"must be {experiment.Exposure + 1:N0} to {DefinitionRules.AllUnits:N0}: a ramp only grows"
                )
            : experiment.Phase >= byte.MaxValue
                ? Decision.Conflict("phase", experiment.Phase, "is the last a test can have")
            : Start(experiment.Phase + 1, next.Value, c.Reason);
    }

    private static Decision NewPhase(ExperimentState experiment) =>
        experiment.Phase >= byte.MaxValue
            ? Decision.Conflict("phase", experiment.Phase, "is the last a test can have")
            : Start(experiment.Phase + 1, experiment.Exposure, "a new phase");

    private static int? NextStep(ExperimentState experiment)
    {
        var later = experiment.Definition!.Ramp.Where(step => step > experiment.Exposure).ToArray();
        return later.Length == 0 ? null : later[0];
    }

    /// <summary>Time's own decisions: the end, the verdict that had to wait, the next step of the ramp.</summary>
    private static Decision Advance(ExperimentState experiment, DateTimeOffset now)
    {
        var d = experiment.Definition!;
        if (d.MaxSeconds > 0 && now >= experiment.StartedAt + TimeSpan.FromSeconds(d.MaxSeconds))
        {
            return End(experiment, VerdictRule.Of(experiment), Expired, now);
        }

        if (VerdictRule.Reached(experiment, now) is { } verdict)
        {
            return End(experiment, verdict, "", now);
        }

        var isDue = now >= experiment.PhaseAt + TimeSpan.FromSeconds(d.StepSeconds);
        var isSafe = VerdictRule.FindingOf(experiment) is not (Finding.Harm or Finding.Blocked);
        return !isDue || !isSafe ? Decision.Nothing
            : NextStep(experiment) is { } next && experiment.Phase < byte.MaxValue
                ? Start(experiment.Phase + 1, next, "the ramp's next step")
            : experiment.RolloutOf.Length > 0
                ? Decision.Accept(
                    new ExperimentDecided
                    {
                        Verdict = VerdictRule.Of(experiment),
                        Reason = "the ramp is through",
                        RampCompleted = true,
                    }
                )
            : Decision.Nothing;
    }

    /// <summary>A report of an ended test still counts for the record, but the verdict stands.</summary>
    private static Decision Report(ExperimentState experiment, ReportCell c, DateTimeOffset now)
    {
        var d = experiment.Definition!;
        if (c.Cell < 0 || c.Cell >= d.Cells)
        {
            return Decision.Invalid("cell", c.Cell, $"must be 0 to {d.Cells - 1}");
        }

        if (experiment.Cells.TryGetValue(c.Cell, out var known))
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
        SequentialEvidence.Complete(report, experiment);
        var after = experiment.Apply(report);
        if (experiment.Stage != ExperimentStatus.Running || VerdictRule.Reached(after, now) is not { } verdict)
        {
            return Decision.Accept(report);
        }

        return Decision.Accept([report, .. End(after, verdict, "", now).Events]);
    }

    private static Decision End(ExperimentState experiment, Verdict verdict, string reason, DateTimeOffset now)
    {
        var heldBack = VerdictRule.HeldBack(experiment, verdict.Finding, now);
        var decided = new ExperimentDecided
        {
            Verdict = verdict,
            Reason = reason,
            HeldBack = heldBack,
        };
        var d = experiment.Definition!;
        return (verdict.Finding, d.OnVerdict, d.OnGuardrail) switch
        {
            (Finding.ArmWins, AutomaticAction.Promote, _) when heldBack.Length == 0 => Decision.Accept(
                decided,
                Promotion(experiment, d.Arms.First(a => a.Name == verdict.Winner), rollBack: false)
            ),
            (Finding.Harm, _, AutomaticAction.RollBack) when experiment.RolloutOf.Length > 0 => Decision.Accept(
                decided,
                Withdrawn(experiment, verdict.Recommendation)
            ),
            (Finding.Harm, _, AutomaticAction.RollBack) => Decision.Accept(
                decided,
                Promotion(experiment, d.Arms[0], rollBack: true)
            ),
            _ => Decision.Accept(decided),
        };
    }

    private static Decision Promote(ExperimentState experiment)
    {
        if (experiment.Promotion is not null)
        {
            return Decision.Nothing;
        }

        if (experiment.HeldBack.Length > 0)
        {
            return Decision.Conflict(
                "verdict.winner",
                experiment.Verdict!.Winner,
                $"is held back: {experiment.HeldBack}"
            );
        }

        var winner = experiment.Definition!.Arms.FirstOrDefault(a => a.Name == experiment.Verdict!.Winner);
        return winner is null
            ? Decision.Conflict("verdict.winner", "", "there is none: nothing is promoted without a winner")
            : Decision.Accept(Promotion(experiment, winner, rollBack: false));
    }

    /// <summary>The champion serves all the time: a rollout is over by not being shown any more.</summary>
    private static Decision OfRollout(ExperimentState experiment, ICommand command) =>
        (command, experiment.Stage) switch
        {
            (RollBackExperiment c, ExperimentStatus.Running or ExperimentStatus.Paused) => Decision.Accept(
                new ExperimentDecided { Verdict = VerdictRule.Of(experiment), Reason = c.Reason },
                Withdrawn(experiment, c.Reason)
            ),
            (RollBackExperiment c, ExperimentStatus.Decided) when !experiment.RampCompleted => Decision.Accept(
                Withdrawn(experiment, c.Reason)
            ),
            (RollBackExperiment, ExperimentStatus.RolledBack) => Decision.Nothing,
            _ => Decision.Conflict(
                "experiment_id",
                experiment.ExperimentId,
                $"is a rollout: promote or roll back {experiment.RolloutOf}"
            ),
        };

    private static ExperimentRolledBack Withdrawn(ExperimentState experiment, string reason) =>
        new() { VersionId = experiment.Definition!.Arms[0].VersionId, Reason = reason };

    private static PromotionRequested Promotion(ExperimentState experiment, Arm arm, bool rollBack) =>
        new()
        {
            Arm = arm.Name,
            VersionId = arm.VersionId.Length > 0 ? arm.VersionId : $"{experiment.ExperimentId}-{arm.Name}",
            LineageId = arm.LineageId,
            RollBack = rollBack,
        };
}
