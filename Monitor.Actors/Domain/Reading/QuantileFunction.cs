using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>
/// The number that a share of a step's numbers is not above, between two of them by proportion (type 7 of Hyndman and Fan, as
/// Prometheus, R and NumPy have it). Only points have it: what is older than they are kept has none.
/// </summary>
/// <param name="quantile">0 to 1.</param>
public sealed class QuantileFunction(int metrics, long stepMs, double quantile) : IStepFunction
{
    private readonly Dictionary<long, double[]> _done = [];
    private readonly List<double>[] _open = [.. Enumerable.Range(0, metrics).Select(_ => new List<double>())];
    private long _start = long.MinValue;

    public Tier Tier => Tier.All[0];

    public int Count => _done.Count;

    public void Add(StepColumns steps) => throw new NotSupportedException("steps have no quantiles");

    public void Add(Columns points)
    {
        for (var i = 0; i < points.UnixMs.Length; i++)
        {
            if (Downsampling.StartOf(points.UnixMs[i], stepMs) is var start && start != _start)
            {
                Close();
                _start = start;
            }

            for (var m = 0; m < metrics; m++)
            {
                if (!double.IsNaN(points.Values[m][i]))
                {
                    _open[m].Add(points.Values[m][i]);
                }
            }
        }
    }

    public IReadOnlyDictionary<long, double[]> Values()
    {
        Close();
        return _done;
    }

    private void Close()
    {
        if (Array.Exists(_open, o => o.Count > 0))
        {
            _done[_start] = Array.ConvertAll(_open, Of);
        }

        Array.ForEach(_open, o => o.Clear());
    }

    private double Of(List<double> numbers)
    {
        if (numbers.Count == 0)
        {
            return double.NaN;
        }

        numbers.Sort();
        var at = quantile * (numbers.Count - 1);
        var (low, high) = (numbers[(int)Math.Floor(at)], numbers[(int)Math.Ceiling(at)]);
        return low.Equals(high) ? low : low + ((high - low) * (at - Math.Floor(at)));
    }
}
