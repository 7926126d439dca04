using System.Globalization;
using System.Text;
using System.Text.Json;
using Ralm.Ranking.OffPolicy;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.OffPolicy;

/// <summary>What an experiment has measured, beside the estimates.</summary>
/// <param name="Inside">Names of the estimates whose interval holds what was measured.</param>
/// <param name="Agree">Names of those whose difference to it may be none: both are uncertain, and its interval is made of both (MOVER, Zou
/// and Donner 2008).</param>
public sealed record ExperimentBeside(
    string ExperimentId,
    string Arm,
    string Metric,
    double Value,
    double Lower,
    double Upper,
    long Units,
    IReadOnlyList<string> Inside,
    IReadOnlyList<string> Agree
);

/// <summary>What a policy replay has told. Its properties are the keys of the line of JSON, in this order.</summary>
/// <param name="LoggedValue">The mean reward of those who decided, with its interval in the next two.</param>
/// <param name="Ips">Null where it is refused, as the next two are.</param>
/// <param name="Refused">Why there is no estimate; null: there is one.</param>
/// <param name="Experiment">Null: none has shown the policy.</param>
public sealed record PolicySummary(
    string Policy,
    long Rows,
    double LoggedValue,
    double LoggedLower,
    double LoggedUpper,
    ValueEstimate? Ips,
    ValueEstimate? Snips,
    ValueEstimate? Dr,
    double EffectiveSampleSize,
    string? Refused,
    ExperimentBeside? Experiment,
    int Users,
    double MeanWeight,
    double LargestWeight,
    double? Cap,
    long Capped,
    long Unanswered,
    long Unreadable,
    long Others,
    string Family,
    string? LoggedBy
)
{
    public static PolicySummary Of(
        PolicyQuestion question,
        string family,
        PolicyReplay replay,
        PolicyEstimates estimates,
        MeasuredArm? measured
    ) =>
        new(
            $"{(question.Kind == PolicyKind.Version ? "version" : "lineage")}:{question.Id}",
            estimates.Rows,
            Round(estimates.LoggedValue.Estimate),
            Round(estimates.LoggedValue.Lower),
            Round(estimates.LoggedValue.Upper),
            Round(estimates.Ips),
            Round(estimates.Snips),
            Round(estimates.Dr),
            Math.Round(estimates.EffectiveSampleSize, 1),
            estimates.Refused,
            measured is null ? null : Beside(measured, estimates),
            estimates.Users,
            Round(estimates.MeanWeight),
            Math.Round(estimates.LargestWeight, 2),
            estimates.Cap,
            estimates.Capped,
            replay.Unanswered,
            replay.Unreadable,
            replay.Others,
            family,
            question.LoggedBy
        );

    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Policy}: {Rows:N0} decisions of {Users:N0} users in {Family}, logged by {LoggedBy ?? "anybody"}; "
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Unanswered:N0} unanswered (reward 0), {Unreadable:N0} not readable, {Others:N0} others\n"
        );
        Line("logged", new ValueEstimate(LoggedValue, LoggedLower, LoggedUpper));
        Line("IPS", Ips);
        Line("SNIPS", Snips);
        Line("DR", Dr);
        text.Append(
            CultureInfo.InvariantCulture,
            $"  effective sample size {EffectiveSampleSize:N1}; weights: mean {MeanWeight:F3}, largest {LargestWeight:N2}, "
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"{(Cap is null ? "no cap" : string.Create(CultureInfo.InvariantCulture, $"cap {Cap}, {Capped:N0} cut"))}"
        );
        if (Refused is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  refused: {Refused}");
        }

        if (Experiment is { } e)
        {
            text.Append('\n');
            Line("measured", new ValueEstimate(e.Value, e.Lower, e.Upper));
            text.Append(
                CultureInfo.InvariantCulture,
                $"  by arm {e.Arm} of {e.ExperimentId}, {e.Metric} of {e.Units:N0} units; "
            );
            text.Append(
                CultureInfo.InvariantCulture,
                $"within the intervals of: {Listed(e.Inside)}; agrees with: {Listed(e.Agree)}"
            );
        }

        return text.ToString();

        static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

        void Line(string name, ValueEstimate? value)
        {
            if (value is not null)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  {name, -9} {value.Estimate:F4}  ({value.Lower:F4} to {value.Upper:F4})\n"
                );
            }
        }
    }

    private static ExperimentBeside Beside(MeasuredArm measured, PolicyEstimates estimates)
    {
        (string Name, ValueEstimate? Value)[] all =
        [
            ("ips", estimates.Ips),
            ("snips", estimates.Snips),
            ("dr", estimates.Dr),
        ];
        return new ExperimentBeside(
            measured.ExperimentId,
            measured.Arm,
            measured.Metric,
            Round(measured.Value),
            Round(measured.Lower),
            Round(measured.Upper),
            measured.Units,
            Names(v => measured.Value >= v.Lower && measured.Value <= v.Upper),
            Names(v => MayBeAlike(v, measured))
        );

        string[] Names(Func<ValueEstimate, bool> holds) =>
            [.. all.Where(e => e.Value is { } v && holds(v)).Select(e => e.Name)];
    }

    private static bool MayBeAlike(ValueEstimate value, MeasuredArm measured)
    {
        var difference = value.Estimate - measured.Value;
        var below = Math.Sqrt(Square(value.Estimate - value.Lower) + Square(measured.Upper - measured.Value));
        var above = Math.Sqrt(Square(value.Upper - value.Estimate) + Square(measured.Value - measured.Lower));
        return difference - below <= 0 && difference + above >= 0;
    }

    private static double Square(double x) => x * x;

    private static ValueEstimate? Round(ValueEstimate? value) =>
        value is null ? null : new(Round(value.Estimate), Round(value.Lower), Round(value.Upper));

    private static double Round(double value) => Math.Round(value, 4);
}
