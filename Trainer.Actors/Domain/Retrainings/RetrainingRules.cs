using Ralm.Ranking.Schedules;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Retrainings;

/// <summary>What a retraining may be asked to do, and what a field that is left out means.</summary>
internal static class RetrainingRules
{
    public const int MinRows = 1_000;
    public const int MaxRows = 50_000;

    private const int FewestRows = 200;
    private const int MostRows = 1_000_000;
    private const int MaxIdLength = 120;
    private const int MaxReason = 1_000;

    /// <summary>The id of a retraining is that of its run, of its version and, with this behind it, of its test.</summary>
    public const string TestSuffix = "-test";

    public static Rejection? Check(OpenRetraining c) =>
        Limits.Must(
            c.RetrainingId.Length <= MaxIdLength,
            "retraining_id",
            $"{c.RetrainingId.Length} characters",
            $"must be at most {MaxIdLength} characters"
        )
        ?? Ids.Check("lineage_id", c.LineageId)
        ?? Limits.Must(
            !c.HasSinceBatchNr || c.SinceBatchNr >= 0,
            "since_batch_nr",
            c.SinceBatchNr,
            "must be 0 (all the lineage has accepted) or the number of a batch"
        )
        ?? Limits.Must(
            c.Plan is null or { Trigger: RetrainingTrigger.Unspecified },
            "plan.trigger",
            c.Plan?.Trigger,
            "must be left out: it is opened already; a lineage's settings have one"
        )
        ?? Check("plan", c.Plan)
        ?? CheckReason(c.Reason);

    public static Rejection? CheckReason(string reason) =>
        Limits.Must(
            reason.Length <= MaxReason,
            "reason",
            $"{reason.Length} characters",
            $"must be at most {MaxReason} characters"
        );

    /// <param name="field">That holds it.</param>
    /// <param name="now">What a field that is left out stays; null: the default.</param>
    public static Rejection? Check(string field, RetrainingPlan? plan, RetrainingPlan? now = null)
    {
        if (plan is null)
        {
            return null;
        }

        var filled = Filled(plan, now);
        return Limits.Must(
                Enum.IsDefined(plan.Trigger),
                $"{field}.trigger",
                plan.Trigger,
                "must be WHEN_BEHIND, ON_ALARM or NEVER"
            )
            ?? Limits.Within($"{field}.min_rows", filled.MinRows, FewestRows, MostRows)
            ?? Limits.Within($"{field}.max_rows", filled.MaxRows, filled.MinRows, MostRows)
            ?? Within(field, ConfigRules.Check(plan.Config ?? new TrainingConfig()))
            ?? Limits.Must(
                filled.FromScratch || filled.Config?.Model is null,
                $"{field}.config.model",
                filled.Config?.Model?.Model,
                "must be left out: it is that of the version it starts from, unless from_scratch is true"
            )
            ?? Limits.Must(
                filled.FromScratch || filled.Config is null or { Workers: <= 1 },
                $"{field}.config.workers",
                filled.Config?.Workers,
                "must be 1, unless from_scratch is true"
            )
            ?? Check(field, plan.Experiment);
    }

    /// <summary>Every default written out, so that a later release's defaults do not change what is under way.</summary>
    /// <param name="now">What a field that is left out stays; null: the default.</param>
    public static RetrainingPlan Filled(RetrainingPlan? plan, RetrainingPlan? now = null) =>
        new()
        {
            Trigger = plan is null or { Trigger: RetrainingTrigger.Unspecified }
                ? now?.Trigger ?? RetrainingTrigger.WhenBehind
                : plan.Trigger,
            MinRows = plan is { HasMinRows: true } ? plan.MinRows : now?.MinRows ?? MinRows,
            // What is said of the least alone holds for the most too.
            MaxRows = plan is { HasMaxRows: true }
                ? plan.MaxRows
                : Math.Max(now?.MaxRows ?? MaxRows, plan is { HasMinRows: true } ? plan.MinRows : 0),
            Config = plan?.Config ?? now?.Config,
            FromScratch = plan is { HasFromScratch: true } ? plan.FromScratch : now?.FromScratch ?? false,
            Experiment = plan?.Experiment ?? now?.Experiment,
        };

    // What else it may say, the test itself knows.
    private static Rejection? Check(string field, ExperimentDefinition? d) =>
        d is null
            ? null
            : Limits.Must(
                d.Family.Length == 0,
                $"{field}.experiment.family",
                d.Family,
                "must be left out: it is the lineage's"
            )
                ?? Limits.Must(
                    d.Arms.Count == 0,
                    $"{field}.experiment.arms",
                    d.Arms.Count,
                    "must be left out: they are the champion and the new version"
                )
                ?? Limits.Must(
                    d.Metric.Length > 0 || d.Metrics.Count > 0,
                    $"{field}.experiment.metric",
                    "",
                    "must be set: the name that outcomes carry"
                );

    private static Rejection? Within(string field, Rejection? rejection) =>
        rejection is null
            ? null
            : Rejections.Of(rejection.Code, $"{field}.{rejection.Field}", rejection.Value, rejection.Rule);
}
