namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>
/// Page-Hinkley test for a rising mean (Page, Continuous inspection schemes, Biometrika 1954): a forgetting sum of the
/// excess over the running mean. The default detector of a loss stream.
/// </summary>
/// <param name="Delta">Excess that is tolerated; default 0.005, in units of the stream.</param>
/// <param name="Threshold">Sum that is drift; default 50. Larger: fewer false alarms, later detection.</param>
/// <param name="Forgetting">Share of the sum kept per value, 0 to 1; default 0.9999.</param>
/// <param name="WarmUp">Values before the first flag; default 30.</param>
public sealed record PageHinkley(
    double Delta = 0.005,
    double Threshold = 50,
    double Forgetting = 0.9999,
    int WarmUp = 30
)
{
    public long Count { get; private init; }

    public double Mean { get; private init; }

    public double Sum { get; private init; }

    public DriftLevel Level { get; private init; }

    public PageHinkley Update(double value)
    {
        var start = Level == DriftLevel.Drift ? new PageHinkley(Delta, Threshold, Forgetting, WarmUp) : this;
        var count = start.Count + 1;
        var mean = start.Mean + ((value - start.Mean) / count);
        var sum = Math.Max(0, (Forgetting * start.Sum) + (value - mean - Delta));
        return start with
        {
            Count = count,
            Mean = mean,
            Sum = sum,
            Level = count >= WarmUp && sum > Threshold ? DriftLevel.Drift : DriftLevel.None,
        };
    }
}
