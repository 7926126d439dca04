using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>
/// Exact evidence, at any split and any look, that an arm's rate is above the control's by more than a margin: a mixture over
/// alternatives, each against its reverse information projection onto the null (Turner, Ly, Grünwald, arXiv 2106.02693). It needs the
/// weight that the design gives the arm, not the units that came, and outcomes that are final when they are counted.
/// </summary>
public sealed class RateMixture
{
    private const int Halvings = 200;
    private const double Edge = 1e-12;
    private const int MaxKept = 1_000;

    private static readonly double[] Bases = [.0005, .0015, .005, .015, .05, .12, .25, .45, .7];
    private static readonly double[] Effects = [.1, .2, .4, .8, 1.6];

    private static readonly ConcurrentDictionary<(double Weight, double Margin), RateMixture> Kept = new();

    private readonly ImmutableArray<Terms> _grid;

    /// <param name="weight">Of the arm, within both: above 0, below 1.</param>
    /// <param name="margin">Above -1 and below 1; at 0 the null is "not above".</param>
    public RateMixture(double weight, double margin = 0) =>
        _grid = [
            .. Bases
                .Where(b => b + margin is > 0 and < 1)
                .SelectMany(b => Effects.Select(effect => TermsOf(b, effect, weight, margin))),
        ];

    /// <summary>The same, made once: a grid takes a millisecond, and a test asks with every report.</summary>
    public static RateMixture For(double weight, double margin)
    {
        if (Kept.Count > MaxKept)
        {
            Kept.Clear();
        }

        return Kept.GetOrAdd((weight, margin), key => new RateMixture(key.Weight, key.Margin));
    }

    /// <summary>Logarithms that one success or failure of either arm adds.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Terms(double ArmSuccess, double ArmFailure, double Success, double Failure);

    public ImmutableArray<Terms> Grid => _grid;

    /// <summary>Logarithm of the evidence.</summary>
    public double LogE(ArmSums control, ArmSums arm)
    {
        Span<double> logs = stackalloc double[_grid.Length];
        for (var i = 0; i < logs.Length; i++)
        {
            var t = _grid[i];
            logs[i] =
                t.ArmSuccess * arm.Sum
                + t.ArmFailure * (arm.Units - arm.Sum)
                + t.Success * control.Sum
                + t.Failure * (control.Units - control.Sum);
        }

        return EValue.LogMean(logs);
    }

    /// <summary>
    /// The largest margin that is refuted: the arm's rate is above the control's by more, at level <paramref name="alpha"/>. -1: none
    /// is. Milliseconds: for reports.
    /// </summary>
    public static double LowerBound(ArmSums control, ArmSums arm, double weight, double alpha, double from = 0)
    {
        const double Step = 0.005;
        const double Lowest = -0.69;
        const double Highest = 0.29;
        var enough = Math.Log(1 / alpha);
        var refuted = from;
        if (IsRefuted(from))
        {
            while (refuted + Step < Highest && IsRefuted(refuted + Step))
            {
                refuted += Step;
            }
        }
        else
        {
            do
            {
                refuted -= Step;
                if (refuted <= Lowest)
                {
                    return -1;
                }
            } while (!IsRefuted(refuted));
        }

        return Search.Between(m => !IsRefuted(m), refuted, refuted + Step);

        bool IsRefuted(double margin) => new RateMixture(weight, margin).LogE(control, arm) >= enough;
    }

    private static Terms TermsOf(double @base, double effect, double weight, double margin)
    {
        var p0 = Logistic(LogOdds(@base) - weight * effect);
        var p1 = Logistic(LogOdds(@base + margin) + (1 - weight) * effect);
        var q = Projection(p0, p1, weight, margin);
        return new Terms(
            Math.Log(p1 / (q + margin)),
            Math.Log((1 - p1) / (1 - q - margin)),
            Math.Log(p0 / q),
            Math.Log((1 - p0) / (1 - q))
        );
    }

    /// <summary>The control's rate on the null's border that is nearest: the minimiser of (1-w) KL(p0, q) + w KL(p1, q + m).</summary>
    private static double Projection(double p0, double p1, double weight, double margin)
    {
        var (low, high) = (Math.Max(Edge, Edge - margin), Math.Min(1 - Edge, 1 - margin - Edge));
        for (var i = 0; i < Halvings; i++)
        {
            var q = (low + high) / 2;
            var slope =
                (1 - weight) * (q - p0) / (q * (1 - q))
                + weight * (q + margin - p1) / ((q + margin) * (1 - q - margin));
            if (slope > 0)
            {
                high = q;
            }
            else
            {
                low = q;
            }
        }

        return (low + high) / 2;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double LogOdds(double p) => Math.Log(p / (1 - p));
}
