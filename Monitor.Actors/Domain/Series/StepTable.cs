namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Points and finer steps of some metrics, brought together into steps.</summary>
/// <param name="metrics">How many.</param>
/// <param name="stepMs">Milliseconds, at least 1.</param>
public sealed class StepTable(int metrics, long stepMs)
{
    private readonly SortedDictionary<long, StepSum[]> _steps = [];

    /// <summary>Steps that have a number of any of them.</summary>
    public int Count => _steps.Count;

    /// <summary>By beginning; the sums by metric.</summary>
    public IEnumerable<KeyValuePair<long, StepSum[]>> Steps => _steps;

    public void Add(Columns points)
    {
        var starts = Array.ConvertAll(points.UnixMs, at => Downsampling.StartOf(at, stepMs));
        for (var from = 0; from < starts.Length; )
        {
            var to = from + 1;
            while (to < starts.Length && starts[to] == starts[from])
            {
                to++;
            }

            Add(points, from..to, starts[from]);
            from = to;
        }
    }

    /// <summary>Points of one step.</summary>
    private void Add(Columns points, Range of, long start)
    {
        var sums = _steps.GetValueOrDefault(start);
        for (var m = 0; m < metrics; m++)
        {
            var sum = sums?[m] ?? default;
            foreach (var value in points.Values[m].AsSpan(of))
            {
                if (!double.IsNaN(value))
                {
                    sum = sum.With(value);
                }
            }

            if (sum.Count > 0)
            {
                sums ??= At(start);
                sums[m] = sum;
            }
        }
    }

    /// <param name="finer">Of steps that make up one of these.</param>
    public void Add(StepColumns finer)
    {
        for (var m = 0; m < metrics; m++)
        {
            for (var i = 0; i < finer.UnixMs.Length; i++)
            {
                if (finer.Sums[m][i].Count > 0)
                {
                    var sums = At(Downsampling.StartOf(finer.UnixMs[i], stepMs));
                    sums[m] = sums[m].With(finer.Sums[m][i]);
                }
            }
        }
    }

    public StepColumns ToColumns() =>
        new([.. _steps.Keys], [.. Enumerable.Range(0, metrics).Select(m => _steps.Values.Select(s => s[m]).ToArray())]);

    private StepSum[] At(long start)
    {
        if (!_steps.TryGetValue(start, out var sums))
        {
            _steps.Add(start, sums = new StepSum[metrics]);
        }

        return sums;
    }
}

/// <summary>Steps of several metrics over one column of times, oldest first.</summary>
/// <param name="UnixMs">Their beginnings.</param>
/// <param name="Sums">By metric, then by step; with count 0 where there is none.</param>
public sealed record StepColumns(long[] UnixMs, StepSum[][] Sums);
