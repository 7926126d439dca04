using System.Runtime.InteropServices;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// What one comparison has shown at all looks of a phase together. p, side and interval never contradict each other: p is below the
/// level exactly where the interval excludes "no effect", and what was once clear stays clear, on the side on which it was.
/// </summary>
/// <param name="P">The smallest of any look, of this comparison alone.</param>
/// <param name="Effect">What no look has refuted, in the metric's own unit; holds the estimate.</param>
/// <param name="Lift">The same relative to the control.</param>
/// <param name="Estimate">By the look that the others are of. Null: there has been none.</param>
/// <param name="Crossing">When p first fell below the level. Null: it has not.</param>
/// <param name="Changed">A look has contradicted earlier ones.</param>
/// <param name="Settled">Every effect that is not refuted is too small to matter, in every arm.</param>
public sealed record RunningEvidence(
    double P,
    Interval Effect,
    Interval Lift,
    Estimate? Estimate,
    Crossing? Crossing,
    bool Changed,
    bool Settled
)
{
    /// <summary>Before the first look.</summary>
    public static readonly RunningEvidence None = new(
        1,
        Interval.Everything,
        Interval.Everything,
        null,
        null,
        false,
        false
    );

    /// <summary>
    /// Another look at a sequence. Where its estimate lies outside of what earlier looks left, its own interval is the one to show;
    /// once something is clear, only a look that says the same is taken in, and any other says that the effect has changed.
    /// </summary>
    /// <param name="level">Below it the comparison is clear.</param>
    /// <param name="now">The moment of the look.</param>
    internal RunningEvidence With(InterimLook look, double level, Crossing now)
    {
        var (effect, lift) = (Effect.Intersect(look.Effect), Lift.Intersect(look.Lift));
        var isWithin = effect.Contains(now.Effect) && lift.Contains(now.Lift);
        if (!isWithin && Crossing is not null && !(look.P < level && now.Side == Crossing.Side))
        {
            return this with { Changed = true };
        }

        var next = this with
        {
            P = Math.Min(P, look.P),
            Effect = isWithin ? effect : look.Effect,
            Lift = isWithin ? lift : look.Lift,
            Estimate = new Estimate(now.Effect, now.Lift),
            Changed = effect.IsEmpty || lift.IsEmpty,
        };
        return next.Marked(level, now);
    }

    /// <summary>A look that stands for itself, as a posterior does: it replaces the one before until one is clear.</summary>
    internal RunningEvidence Replace(InterimLook look, double level, Crossing now) =>
        Crossing is not null
            ? this
            : (
                None with
                {
                    P = look.P,
                    Effect = look.Effect,
                    Lift = look.Lift,
                    Estimate = new Estimate(now.Effect, now.Lift),
                }
            ).Marked(level, now);

    /// <summary>The estimate is where no look allows it to be: the effect has changed over time.</summary>
    public bool Contradicts(Estimate now) => !Effect.Contains(now.Effect) || !Lift.Contains(now.Lift);

    public EvidenceSoFar ToMessage(ComparisonKey key)
    {
        var message = new EvidenceSoFar
        {
            Metric = key.Metric,
            Arm = key.Arm,
            Role = key.Role,
            PValue = P,
            Crossing = Crossing,
            Changed = Changed,
            Settled = Settled,
        };
        if (Estimate is { } estimate)
        {
            (message.Effect, message.Lift) = (estimate.Effect, estimate.Lift);
        }

        Set(Effect.Low, x => message.EffectLow = x);
        Set(Effect.High, x => message.EffectHigh = x);
        Set(Lift.Low, x => message.LiftLow = x);
        Set(Lift.High, x => message.LiftHigh = x);
        return message;
    }

    public static RunningEvidence Of(EvidenceSoFar m) =>
        new(
            m.PValue,
            new Interval(
                m.HasEffectLow ? m.EffectLow : double.NegativeInfinity,
                m.HasEffectHigh ? m.EffectHigh : double.PositiveInfinity
            ),
            new Interval(
                m.HasLiftLow ? m.LiftLow : double.NegativeInfinity,
                m.HasLiftHigh ? m.LiftHigh : double.PositiveInfinity
            ),
            m.HasEffect ? new Estimate(m.Effect, m.Lift) : null,
            m.Crossing,
            m.Changed,
            m.Settled
        );

    private RunningEvidence Marked(double level, Crossing now) =>
        Crossing is null && P < level ? this with { Crossing = now } : this;

    private static void Set(double end, Action<double> to)
    {
        if (double.IsFinite(end))
        {
            to(end);
        }
    }
}

/// <summary>Which comparison; a metric may be looked at in two roles.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ComparisonKey(MetricRole Role, string Metric, string Arm) : IComparable<ComparisonKey>
{
    public int CompareTo(ComparisonKey other) =>
        Role != other.Role ? Role.CompareTo(other.Role)
        : string.CompareOrdinal(Metric, other.Metric) is var metric && metric != 0 ? metric
        : string.CompareOrdinal(Arm, other.Arm);
}

/// <param name="Effect">In the metric's own unit.</param>
/// <param name="Lift">Relative to the control.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Estimate(double Effect, double Lift);

/// <summary>What one look says: its p, and what it does not refute at the comparison's share of the level.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct InterimLook(double P, Interval Effect, Interval Lift);
