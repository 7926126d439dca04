using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Variance reduction by what units did before their exposure (Deng, Xu, Kohavi, Walker 2013). The covariate must be from
/// strictly before the exposure; then the effect's expectation does not change, only its variance.
/// </summary>
/// <param name="Theta">Slope of the metric on the covariate, pooled over the arms.</param>
/// <param name="Arms">The adjusted metric of each arm, in the order given.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Cuped(double Theta, ImmutableArray<Moments> Arms)
{
    public static Cuped Adjust(ReadOnlySpan<PairMoments> arms)
    {
        var (cross, m2, all) = (0.0, 0.0, default(Moments));
        foreach (var arm in arms)
        {
            cross += arm.Cross;
            m2 += arm.X.M2;
            all = all.Merge(arm.X);
        }

        var theta = m2 > 0 ? cross / m2 : 0;
        var adjusted = ImmutableArray.CreateBuilder<Moments>(arms.Length);
        foreach (var arm in arms)
        {
            adjusted.Add(
                new Moments(
                    arm.Count,
                    arm.Y.Mean - theta * (arm.X.Mean - all.Mean),
                    Math.Max(0, arm.Y.M2 + theta * theta * arm.X.M2 - 2 * theta * arm.Cross)
                )
            );
        }

        return new Cuped(theta, adjusted.MoveToImmutable());
    }
}
