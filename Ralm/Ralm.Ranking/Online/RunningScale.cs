namespace Ralm.Ranking.Online;

/// <summary>
/// Standardises numbers by what they have been until now. Old rows fade, so that a number that stood still while a schema
/// was fitted, or moves away later, stays an input.
/// </summary>
public sealed class RunningScale(int width, int memory = RunningScale.Memory)
{
    /// <summary>Rows that count: of a longer past the older ones fade.</summary>
    public const int Memory = 5_000;

    /// <summary>Standard deviations beyond which a value is no larger.</summary>
    private const double Most = 6;

    private readonly long[] _rows = new long[width];
    private readonly double[] _mean = new double[width];
    private readonly double[] _variance = new double[width];

    /// <param name="place">Which number.</param>
    public void Add(int place, double value)
    {
        var weight = 1.0 / Math.Min(++_rows[place], memory);
        var off = value - _mean[place];
        _mean[place] += weight * off;
        _variance[place] += weight * ((off * (value - _mean[place])) - _variance[place]);
    }

    /// <summary>-6 to 6; 0 where nothing has varied yet.</summary>
    public double Scaled(int place, double value) =>
        // Against the value's own size: what differs by rounding alone is one value.
        _variance[place] > 1e-20 * _mean[place] * _mean[place]
            ? Math.Clamp((value - _mean[place]) / Math.Sqrt(_variance[place]), -Most, Most)
            : 0;
}
