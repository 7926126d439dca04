using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// Whether an arm is worse than the control by more than a guardrail's margin: one-sided, valid at any look, and shared over all
/// guardrails and arms, so that whatever is rolled back, all of them together err with the level.
/// </summary>
internal sealed class GuardrailWatch(ExperimentState experiment, double alpha)
{
    private const int Halvings = 30;

    private readonly ExperimentDefinition _definition = experiment.Definition!;

    private int Watched => _definition.Guardrails.Count * (_definition.Arms.Count - 1);

    private double Level => alpha / Watched;

    private Arm Control => _definition.Arms[0];

    private Tuning Tuning => new(alpha, _definition.TunedFor);

    /// <summary>As the reports have left it; as it looks now where they have not kept it.</summary>
    public IEnumerable<GuardrailEvidence> All()
    {
        foreach (var (guardrail, arm) in Pairs())
        {
            var evidence =
                experiment.Evidence.GetValueOrDefault(KeyOf(guardrail, arm))
                ?? InterimLook(RunningEvidence.None, guardrail, arm);
            yield return new GuardrailEvidence
            {
                Metric = guardrail.Metric,
                Arm = arm.Name,
                Margin = guardrail.Margin,
                RelativeMargin = guardrail.RelativeMargin,
                Worse = evidence.Estimate?.Effect ?? Worse(guardrail, arm),
                AdjustedP = Math.Min(1, evidence.P * Watched),
                Crossing = evidence.Crossing,
                WorseAtLeast = evidence.Crossing is null ? 0 : evidence.Effect.Low,
            };
        }
    }

    /// <summary>With the newest report.</summary>
    public IEnumerable<(ComparisonKey Key, RunningEvidence Evidence)> Continue() =>
        Pairs()
            .Select(p =>
            {
                var key = KeyOf(p.Guardrail, p.Arm);
                return (
                    key,
                    InterimLook(experiment.Evidence.GetValueOrDefault(key) ?? RunningEvidence.None, p.Guardrail, p.Arm)
                );
            });

    private IEnumerable<(Guardrail Guardrail, Arm Arm)> Pairs() =>
        from guardrail in _definition.Guardrails
        from arm in _definition.Arms.Skip(1)
        where arm.Weight + Control.Weight > 0
        select (guardrail, arm);

    private RunningEvidence InterimLook(RunningEvidence known, Guardrail guardrail, Arm arm)
    {
        var metric = MetricOf(guardrail);
        var (control, treated) = (
            experiment.Totals(Control.Name, metric.Name),
            experiment.Totals(arm.Name, metric.Name)
        );
        var weight = (double)arm.Weight / (arm.Weight + Control.Weight);
        var p = EValue.P(LogHarm(guardrail));
        var now = new Crossing
        {
            SequenceNr = experiment.SequenceNr,
            Units = control.Units + treated.Units,
            Effect = Worse(guardrail, arm),
            Side = 1,
        };
        var next = known.With(new InterimLook(p, Interval.Everything, Interval.Everything), Level, now);
        // Unbounded where it is newly broken, or the estimate has left the bound of before and it is no less clear.
        return next.Crossing is not null && double.IsInfinity(next.Effect.Low)
            ? next with
            {
                Effect = new Interval(AtLeast(), double.PositiveInfinity),
            }
            : next;

        double LogHarm(Guardrail g) => SequentialComparison.LogHarm(metric, control, treated, g, weight, Tuning);

        // The largest margin that would be broken as well, in the margin's own scale; by halves between it and the estimate.
        double AtLeast()
        {
            var scale =
                guardrail.RelativeMargin > 0 || metric.Kind is MetricKind.Count or MetricKind.Continuous
                    ? Math.Abs(control.Moments.Mean)
                    : 1;
            var isRelative = scale != 1;
            var (low, high) = (isRelative ? guardrail.RelativeMargin : guardrail.Margin, now.Effect / scale);
            for (var i = 0; i < Halvings && low < high; i++)
            {
                var middle = (low + high) / 2;
                var wider = isRelative
                    ? new Guardrail { Metric = guardrail.Metric, RelativeMargin = middle }
                    : new Guardrail { Metric = guardrail.Metric, Margin = middle };
                (low, high) = EValue.P(LogHarm(wider)) < Level ? (middle, high) : (low, middle);
            }

            return low * scale;
        }
    }

    private double Worse(Guardrail guardrail, Arm arm)
    {
        var metric = MetricOf(guardrail);
        var pair = ArmBesideControl.All(experiment, metric).FirstOrDefault(p => p.Arm == arm.Name);
        return pair is null ? 0
            : metric.LowerIsBetter ? pair.Effect.Value
            : -pair.Effect.Value;
    }

    private Metric MetricOf(Guardrail guardrail) => _definition.Metrics.First(m => m.Name == guardrail.Metric);

    private static ComparisonKey KeyOf(Guardrail guardrail, Arm arm) =>
        new(MetricRole.Guardrail, guardrail.Metric, arm.Name);
}
