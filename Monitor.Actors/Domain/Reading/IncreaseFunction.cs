using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>
/// How much a counter has grown in each step, from the number before it on. A counter that goes back has begun anew from zero.
/// Of a tier, whose steps have no order within, at most one beginning a step is seen.
/// </summary>
/// <param name="divisor">Of the growth: 1, or the seconds of a step.</param>
public sealed class IncreaseFunction(int metrics, long stepMs, double divisor) : IStepFunction
{
    private readonly double[] _before = [.. Enumerable.Repeat(double.NaN, metrics)];
    private readonly SortedDictionary<long, double[]> _steps = [];

    public Tier Tier { get; } = Tier.Of(stepMs);

    public int Count => _steps.Count;

    public void Add(Columns points)
    {
        for (var m = 0; m < metrics; m++)
        {
            for (var i = 0; i < points.UnixMs.Length; i++)
            {
                var value = points.Values[m][i];
                if (!double.IsNaN(value))
                {
                    Grow(m, points.UnixMs[i], value, value);
                }
            }
        }
    }

    public void Add(StepColumns steps)
    {
        for (var m = 0; m < metrics; m++)
        {
            for (var i = 0; i < steps.UnixMs.Length; i++)
            {
                if (steps.Sums[m][i] is { Count: > 0 } sum)
                {
                    Grow(m, steps.UnixMs[i], sum.Most, sum.Last);
                }
            }
        }
    }

    public IReadOnlyDictionary<long, double[]> Values() =>
        _steps.ToDictionary(s => s.Key, s => Array.ConvertAll(s.Value, grown => grown / divisor));

    /// <param name="most">How far it came before it began anew.</param>
    private void Grow(int metric, long unixMs, double most, double last)
    {
        var before = _before[metric];
        _before[metric] = last;
        if (double.IsNaN(before))
        {
            return;
        }

        var grown =
            most <= last ? (last >= before ? last - before : last)
            : most >= before ? most - before + last
            : last;
        var start = Downsampling.StartOf(unixMs, stepMs);
        if (!_steps.TryGetValue(start, out var sums))
        {
            _steps.Add(start, sums = [.. Enumerable.Repeat(double.NaN, metrics)]);
        }

        sums[metric] = double.IsNaN(sums[metric]) ? grown : sums[metric] + grown;
    }
}
