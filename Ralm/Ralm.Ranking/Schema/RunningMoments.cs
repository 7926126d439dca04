namespace Ralm.Ranking.Schema;

/// <summary>Welford's running mean and variance (1962), and the range.</summary>
internal sealed class RunningMoments
{
    private long _n;
    private double _m2;

    public double Mean { get; private set; }

    public double Least { get; private set; }

    public double Most { get; private set; }

    /// <summary>One over the standard deviation; 1 where nothing varies.</summary>
    public double OverDeviation => _n > 1 && _m2 > 0 ? 1 / Math.Sqrt(_m2 / _n) : 1;

    public double OverRange => Most > Least ? 1 / (Most - Least) : 1;

    public void Add(double x)
    {
        (Least, Most) = _n == 0 ? (x, x) : (Math.Min(Least, x), Math.Max(Most, x));
        _n++;
        var delta = x - Mean;
        Mean += delta / _n;
        _m2 += delta * (x - Mean);
    }
}
