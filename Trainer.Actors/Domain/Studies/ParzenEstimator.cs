using System.Collections.Immutable;
using MathNet.Numerics.Distributions;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// A density over the search space: one product kernel per observed point and one for the prior, all of equal weight.
/// Ordered parameters have Gaussian kernels cut off at the ends of the unit interval (a discrete value weighs what its bin
/// weighs), unordered ones a smoothed count.
/// </summary>
/// <remarks>
/// Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"; kernels over all parameters jointly as in Falkner
/// et al. 2018 (BOHB), so that parameters that only work together are found. Bandwidths follow Scott's rule, n^(-1/(d+4)),
/// and are held above 1/(n+2), so that few points never claim to know much.
/// </remarks>
internal sealed class ParzenEstimator
{
    private const double WidthOfOne = 0.2;
    private const double NarrowestWidth = 0.01;

    private readonly ImmutableArray<SearchRange> _ranges;
    private readonly double[][] _centres;
    private readonly double[][] _withinUnit;
    private readonly double _width;
    private readonly double _smoothing;

    public ParzenEstimator(
        ImmutableArray<SearchRange> ranges,
        IReadOnlyCollection<IReadOnlyList<ParameterValue>> observed
    )
    {
        _ranges = ranges;
        _centres = [.. observed.Select(point => point.Select((v, k) => Middle(ranges[k].Bin(v))).ToArray())];
        var scott = WidthOfOne * Math.Pow(Math.Max(1, observed.Count), -1.0 / (ranges.Length + 4));
        _width = Math.Max(scott, Math.Max(NarrowestWidth, 1.0 / (observed.Count + 2)));
        _smoothing = 1.0 / (observed.Count + 1);
        _withinUnit = [.. _centres.Select(point => point.Select(c => Mass(c, 0, 1).Within).ToArray())];
    }

    public ImmutableArray<ParameterValue> Draw(UnitSequence random)
    {
        var kernel = (int)(random.Next() * (_centres.Length + 1));
        var point = ImmutableArray.CreateBuilder<ParameterValue>(_ranges.Length);
        for (var k = 0; k < _ranges.Length; k++)
        {
            var unit = random.Next();
            point.Add(
                kernel == _centres.Length ? _ranges[k].At(unit)
                : _ranges[k].Unordered > 0 ? DrawUnordered(_ranges[k], _centres[kernel][k], unit)
                : _ranges[k].At(DrawOrdered(_centres[kernel][k], unit))
            );
        }

        return point.MoveToImmutable();
    }

    public double LogDensity(IReadOnlyList<ParameterValue> point)
    {
        var bins = point.Select((v, k) => _ranges[k].Bin(v)).ToArray();
        var kernels = new double[_centres.Length + 1];
        for (var k = 0; k < _ranges.Length; k++)
        {
            var (from, to) = bins[k];
            kernels[^1] += to > from ? Math.Log(to - from) : 0;
            for (var n = 0; n < _centres.Length; n++)
            {
                kernels[n] += Math.Log(
                    _ranges[k].Unordered > 0
                        ? Unordered(_ranges[k].Unordered, Math.Abs(Middle(bins[k]) - _centres[n][k]) < 1e-9)
                        : Ordered(_centres[n][k], from, to) / _withinUnit[n][k]
                );
            }
        }

        var largest = kernels.Max();
        return largest + Math.Log(kernels.Average(l => Math.Exp(l - largest)));
    }

    private static double Middle((double From, double To) bin) => (bin.From + bin.To) / 2;

    private double DrawOrdered(double centre, double unit)
    {
        var (below, within) = Mass(centre, 0, 1);
        return Math.Clamp(Normal.InvCDF(centre, _width, below + (unit * within)), 0, 1);
    }

    private double Ordered(double centre, double from, double to) =>
        to > from ? Mass(centre, from, to).Within : Normal.PDF(centre, _width, from);

    private (double Below, double Within) Mass(double centre, double from, double to)
    {
        var below = Normal.CDF(centre, _width, from);
        return (below, Normal.CDF(centre, _width, to) - below);
    }

    private double Unordered(int values, bool same) => ((same ? 1 : 0) + _smoothing) / (1 + (values * _smoothing));

    private ParameterValue DrawUnordered(SearchRange range, double centre, double unit)
    {
        var stays = 1 / (1 + (range.Unordered * _smoothing));
        return range.At(unit < stays ? centre : (unit - stays) / (1 - stays));
    }
}
