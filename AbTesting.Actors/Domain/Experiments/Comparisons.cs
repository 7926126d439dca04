using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>Each arm beside the control, metric by metric.</summary>
internal sealed class Comparisons(ExperimentState experiment, Question question)
{
    private readonly ExperimentDefinition _definition = experiment.Definition!;

    /// <summary>Intervals share the level over the arms, so that all of them together err with it.</summary>
    private double Level => question.Alpha / (_definition.Arms.Count - 1);

    private bool IsOwn => question == Question.Of(_definition);

    private Metric Primary => _definition.Metrics.First(m => m.Name == question.Metric);

    private Tuning Anytime => new(question.Alpha, _definition.TunedFor);

    private Tuning Tuning =>
        question.Method == Method.Msprt ? Anytime with { Plausible = _definition.PlausibleEffect } : Anytime;

    /// <summary>The primary metric's, of arms that have units: what a finding rests on.</summary>
    public IReadOnlyList<ArmComparison> OfPrimary() =>
        [
            .. Known()
                .Select(x =>
                {
                    var c = Describe(x.Pair, MetricRole.Primary, x.Evidence, question.Method);
                    c.AdjustedP = Math.Min(1, c.PValue * (_definition.Arms.Count - 1));
                    return c;
                }),
        ];

    /// <summary>All other metrics', in the order of the definition, by what is valid at any look.</summary>
    public IReadOnlyList<ArmComparison> OfOthers()
    {
        ArmComparison[] others =
        [
            .. _definition
                .Metrics.Where(m => m.Name != question.Metric)
                .SelectMany(m => ArmBesideControl.All(experiment, m))
                .Select(pair =>
                    Describe(pair, RoleOf(pair.Metric), Now(pair.Anytime(Anytime, Level)), Method.AlwaysValid)
                ),
        ];
        ArmComparison[] secondary = [.. others.Where(c => c.Role == MetricRole.Secondary)];
        var adjusted = Multiplicity.BenjaminiHochberg([.. secondary.Select(c => c.PValue)]);
        for (var i = 0; i < secondary.Length; i++)
        {
            secondary[i].AdjustedP = adjusted[i];
        }

        return others;
    }

    /// <summary>What this state's newest report adds to what was known before it.</summary>
    public IEnumerable<(ComparisonKey Key, RunningEvidence Evidence)> Continue() =>
        OfNewestReport().Where(e => !e.Evidence.Equals(experiment.Evidence.GetValueOrDefault(e.Key)));

    /// <summary>Every guardrail in every arm; a broken one has its crossing.</summary>
    public IEnumerable<GuardrailEvidence> Guardrails() => new GuardrailWatch(experiment, question.Alpha).All();

    /// <summary>
    /// How many times the primary metric's units there are must come again until the expected effect would be found in an arm as often
    /// as planned; 0: they suffice, or nothing is known yet.
    /// </summary>
    public double StillNeeded(string arm)
    {
        var pair = ArmBesideControl.All(experiment, Primary).FirstOrDefault(p => p.Arm == arm && !p.Effect.IsUndefined);
        if (pair is null)
        {
            return 0;
        }

        var perUnit = question.IsPlanned ? 0 : pair.Information(Tuning) / pair.Effect.Units;
        return SampleSize.StillNeeded(pair.Effect, _definition.ExpectedEffect, _definition.Power, Undecided);

        // The estimates that would decide nothing, by this question's method.
        Interval Undecided(Effect then) =>
            perUnit > 0
                ? Interval.Around(0, EValue.Reach(perUnit * then.Units, Level) * then.StandardError)
                : FixedHorizon.TwoSided(then with { Value = 0, DegreesOfFreedom = double.PositiveInfinity }, Level);
    }

    private IEnumerable<(ComparisonKey Key, RunningEvidence Evidence)> OfNewestReport()
    {
        var primary = !question.IsPlanned || experiment.IsAtLook ? Settle([.. OfNewestLook()]) : [];
        return primary
            .Select(x => (KeyOf(x.Pair), x.Evidence))
            .Concat(new GuardrailWatch(experiment, question.Alpha).Continue());
    }

    private IEnumerable<(ArmBesideControl Pair, RunningEvidence Evidence)> OfNewestLook()
    {
        foreach (var pair in ArmBesideControl.All(experiment, Primary))
        {
            var known = experiment.Evidence.GetValueOrDefault(KeyOf(pair)) ?? RunningEvidence.None;
            if (!known.Settled && LookAt(pair) is { } look)
            {
                yield return (pair, Add(known, look, pair));
            }
        }
    }

    /// <summary>That no effect can matter is a finding, too, once it holds in every arm.</summary>
    private IEnumerable<(ArmBesideControl Pair, RunningEvidence Evidence)> Settle(
        (ArmBesideControl Pair, RunningEvidence Evidence)[] looked
    )
    {
        var settled = looked.Length == _definition.Arms.Count - 1 && looked.All(x => IsNegligible(x.Pair, x.Evidence));
        return looked.Select(x => (x.Pair, x.Evidence with { Settled = settled }));
    }

    private bool IsNegligible(ArmBesideControl pair, RunningEvidence evidence)
    {
        var effect =
            double.IsFinite(evidence.Effect.Low) || double.IsFinite(evidence.Effect.High)
                ? evidence.Effect
                : evidence.Lift.Times(Math.Abs(pair.ControlMean));
        return evidence.Crossing is null
            && !pair.Effect.IsUndefined
            && _definition.ExpectedEffect > 0
            && effect.Low > -_definition.ExpectedEffect
            && effect.High < _definition.ExpectedEffect;
    }

    private IEnumerable<(ArmBesideControl Pair, RunningEvidence Evidence)> Known()
    {
        (ArmBesideControl Pair, RunningEvidence Evidence)[] known =
        [
            .. ArmBesideControl.All(experiment, Primary).Select(pair => (pair, EvidenceOf(pair))),
        ];
        return IsOwn ? known : Settle(known);
    }

    /// <summary>What the looks so far say; where none has been kept, as for another question than the definition's, this one.</summary>
    private RunningEvidence EvidenceOf(ArmBesideControl pair)
    {
        if (IsOwn && experiment.Evidence.TryGetValue(KeyOf(pair), out var known))
        {
            return known;
        }

        // A planned look was taken with the report that it was planned for, or not at all.
        return !(IsOwn && question.IsPlanned) && LookAt(pair) is { } look
            ? Add(RunningEvidence.None, look, pair)
            : RunningEvidence.None;
    }

    /// <summary>Null: the method does not look now.</summary>
    private InterimLook? LookAt(ArmBesideControl pair) =>
        question.Method switch
        {
            Method.FixedHorizon => experiment.HasReachedHorizon(question.Metric) ? pair.Once(Level) : null,
            Method.GroupSequential => experiment.IsAtLook ? pair.Planned(experiment.Looks, Level) : null,
            Method.Bayesian => pair.Posterior(Level),
            _ => pair.Anytime(Tuning, Level),
        };

    private RunningEvidence Add(RunningEvidence known, InterimLook look, ArmBesideControl pair)
    {
        var now = new Crossing
        {
            SequenceNr = experiment.SequenceNr,
            Units = pair.Units,
            Effect = pair.Effect.Value,
            Lift = pair.Lift,
            Side = pair.Side,
        };
        return question.Method == Method.Bayesian
            ? known.Replace(look, pair.ExpectedLoss < _definition.PlausibleEffect ? Level : 0, now)
            : known.With(look, Level, now);
    }

    private static RunningEvidence Now(InterimLook look) =>
        RunningEvidence.None with
        {
            P = look.P,
            Effect = look.Effect,
            Lift = look.Lift,
        };

    private ArmComparison Describe(ArmBesideControl pair, MetricRole role, RunningEvidence evidence, Method method)
    {
        var now = new Estimate(pair.Effect.Value, pair.Lift);
        var told = evidence.Estimate ?? now;
        var comparison = new ArmComparison
        {
            Metric = pair.Metric.Name,
            Arm = pair.Arm,
            Role = role,
            Theta = pair.Theta,
            ControlMean = pair.ControlMean,
            ArmMean = pair.ArmMean,
            Effect = told.Effect,
            StandardError = pair.Effect.IsUndefined ? 0 : pair.Effect.StandardError,
            Lift = told.Lift,
            EffectSize = pair.EffectSize,
            Statistic = pair.Statistic(method, Tuning),
            PValue = evidence.P,
            AdjustedP = evidence.P,
            EffectLow = evidence.Effect.Low,
            EffectHigh = evidence.Effect.High,
            LiftLow = evidence.Lift.Low,
            LiftHigh = evidence.Lift.High,
            Crossing = evidence.Crossing,
            Settled = evidence.Settled,
            Changed = evidence.Changed || evidence.Contradicts(now),
        };
        if (told != now)
        {
            (comparison.EffectNow, comparison.LiftNow) = (now.Effect, now.Lift);
        }

        return comparison;
    }

    private MetricRole RoleOf(Metric metric) =>
        _definition.Guardrails.Any(g => g.Metric == metric.Name) ? MetricRole.Guardrail : MetricRole.Secondary;

    private static ComparisonKey KeyOf(ArmBesideControl pair) => new(MetricRole.Primary, pair.Metric.Name, pair.Arm);
}
