using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using SeriesFunction = RalmActors.Messages.Monitoring.GetManySeries.Types.SeriesFunction;

namespace RalmActors.Monitoring.Domain;

/// <summary>What a question about series must be to be answered.</summary>
public static class QuestionRules
{
    /// <summary>Series whose quantiles are asked for at once: all numbers of a step are held.</summary>
    public const int MaxQuantiles = 100;

    private const double MinStep = 0.001;
    private const double MaxStep = 31_622_400;
    private const double MaxOffset = 63_244_800;

    /// <summary>The first broken rule, or <c>null</c>.</summary>
    public static Rejection? Check(double stepSeconds, Timestamp? from, Timestamp? to) =>
        Limits.Must(
            stepSeconds is 0 or (>= MinStep and <= MaxStep),
            "step_seconds",
            stepSeconds,
            $"must be 0 (every point), or {MinStep} to {MaxStep:0} seconds"
        )
        ?? Limits.Must(
            from is null || to is null || from.ToDateTimeOffset() < to.ToDateTimeOffset(),
            "to",
            to is null ? "" : Timestamps.Text(to),
            "must be later than from"
        );

    /// <param name="metrics">How many are meant.</param>
    /// <inheritdoc cref="Check(double, Timestamp, Timestamp)"/>
    public static Rejection? Check(GetManySeries asked, int metrics) =>
        Check(asked.StepSeconds, asked.From, asked.To)
        ?? Limits.Must(
            System.Enum.IsDefined(asked.Function),
            "function",
            asked.Function,
            $"must be among {string.Join(", ", System.Enum.GetNames<SeriesFunction>().Skip(1).Select(n => n.ToUpperInvariant()))}"
        )
        ?? Limits.Must(
            asked.StepSeconds > 0 || (asked.Function == SeriesFunction.Unspecified && !asked.HasOffsetSeconds),
            "step_seconds",
            asked.StepSeconds,
            "must be above 0 where a function or an offset is asked for"
        )
        ?? CheckQuantile(asked, metrics)
        ?? Limits.Must(
            !asked.HasOffsetSeconds || IsMultiple(asked.OffsetSeconds, asked.StepSeconds),
            "offset_seconds",
            asked.OffsetSeconds,
            $"must be a multiple of step_seconds, above 0, up to {MaxOffset:0}"
        );

    private static Rejection? CheckQuantile(GetManySeries asked, int metrics) =>
        asked.Function != SeriesFunction.Quantile
            ? Limits.Must(
                !asked.HasQuantile,
                "quantile",
                asked.Quantile,
                "must be left out without the function QUANTILE"
            )
            : Limits.Must(
                asked.HasQuantile && asked.Quantile is >= 0 and <= 1,
                "quantile",
                asked.HasQuantile ? asked.Quantile : "",
                "must be 0 to 1 with the function QUANTILE"
            )
                ?? Limits.Must(
                    metrics <= MaxQuantiles,
                    "metrics",
                    metrics,
                    $"must be at most {MaxQuantiles} for quantiles"
                );

    private static bool IsMultiple(double offset, double step) =>
        offset is > 0 and <= MaxOffset && (long)(offset * 1000) % (long)(step * 1000) == 0;
}
