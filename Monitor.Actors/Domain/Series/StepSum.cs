using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>What one step of a series holds; a mean alone would hide a peak. NaN is no number and goes into none.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StepSum
{
    private readonly double _mean;
    private readonly double _least;
    private readonly double _most;
    private readonly double _last;
    private readonly int _plusInfinite;
    private readonly int _minusInfinite;

    private StepSum(
        double mean,
        int finite,
        int plusInfinite,
        int minusInfinite,
        double least,
        double most,
        double last
    ) =>
        (_mean, Finite, _plusInfinite, _minusInfinite, _least, _most, _last) = (
            mean,
            finite,
            plusInfinite,
            minusInfinite,
            least,
            most,
            last
        );

    public int Count => Finite + _plusInfinite + _minusInfinite;

    /// <summary>NaN where there is no number, or where infinities of both signs are.</summary>
    public double Mean =>
        Count == 0 || (_plusInfinite > 0 && _minusInfinite > 0) ? double.NaN
        : _plusInfinite > 0 ? double.PositiveInfinity
        : _minusInfinite > 0 ? double.NegativeInfinity
        : _mean;

    public double Least => Count == 0 ? double.NaN : _least;

    public double Most => Count == 0 ? double.NaN : _most;

    public double Last => Count == 0 ? double.NaN : _last;

    private int Finite { get; }

    /// <summary>As it was kept.</summary>
    /// <param name="count">Above 0.</param>
    public static StepSum Of(int count, double mean, double least, double most, double last) =>
        mean switch
        {
            double.PositiveInfinity => new(0, 0, count, 0, least, most, last),
            double.NegativeInfinity => new(0, 0, 0, count, least, most, last),
            double.NaN => new(0, 0, 1, Math.Max(1, count - 1), least, most, last),
            _ => new(mean, count, 0, 0, least, most, last),
        };

    /// <summary>What came later, too.</summary>
    public StepSum With(StepSum later)
    {
        if (Count == 0 || later.Count == 0)
        {
            return Count == 0 ? later : this;
        }

        var finite = Finite + later.Finite;
        return new StepSum(
            finite == 0 ? 0 : (_mean * ((double)Finite / finite)) + (later._mean * ((double)later.Finite / finite)),
            finite,
            _plusInfinite + later._plusInfinite,
            _minusInfinite + later._minusInfinite,
            Math.Min(_least, later._least),
            Math.Max(_most, later._most),
            later._last
        );
    }

    /// <summary>A number more.</summary>
    public StepSum With(double value)
    {
        // The mean grows: the sum of the numbers might be too large for one.
        var finite = Finite + (double.IsFinite(value) ? 1 : 0);
        return new StepSum(
            finite == Finite ? _mean
                : finite == 1 ? value
                : _mean + ((value / finite) - (_mean / finite)),
            finite,
            _plusInfinite + (double.IsPositiveInfinity(value) ? 1 : 0),
            _minusInfinite + (double.IsNegativeInfinity(value) ? 1 : 0),
            Count == 0 ? value : Math.Min(_least, value),
            Count == 0 ? value : Math.Max(_most, value),
            value
        );
    }
}
