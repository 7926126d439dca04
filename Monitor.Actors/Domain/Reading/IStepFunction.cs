using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>One number a step for each series.</summary>
public interface IStepFunction
{
    /// <summary>The coarsest tier that it can be made of.</summary>
    Tier Tier { get; }

    /// <summary>Steps that have a number of any series.</summary>
    int Count { get; }

    void Add(Columns points);

    void Add(StepColumns steps);

    /// <summary>By beginning; by series, NaN where there is none.</summary>
    IReadOnlyDictionary<long, double[]> Values();
}

/// <summary>What each step holds of its own numbers: a mean, the least, the most, the last.</summary>
public sealed class SumFunction(int metrics, long stepMs, Func<StepSum, double> of) : IStepFunction
{
    private readonly StepTable _steps = new(metrics, stepMs);

    public Tier Tier { get; } = Tier.Of(stepMs);

    public int Count => _steps.Count;

    public void Add(Columns points) => _steps.Add(points);

    public void Add(StepColumns steps) => _steps.Add(steps);

    public IReadOnlyDictionary<long, double[]> Values() =>
        _steps.Steps.ToDictionary(s => s.Key, s => Array.ConvertAll(s.Value, sum => of(sum)));
}
