namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>
/// Drift detection method for a stream of errors, 0 or 1 (Gama et al., Learning with Drift Detection, SBIA 2004): warns
/// at two, alarms at three standard deviations above the lowest error rate so far. It raises false alarms on long quiet
/// streams; use it as a warning beside <see cref="PageHinkley"/>.
/// </summary>
/// <param name="WarmUp">Values before the first flag; default 30.</param>
/// <param name="WarningSigmas">Default 2.</param>
/// <param name="DriftSigmas">Default 3; above <paramref name="WarningSigmas"/>.</param>
public sealed record Ddm(int WarmUp = 30, double WarningSigmas = 2, double DriftSigmas = 3)
{
    public long Count { get; private init; }

    /// <summary>The error rate since the start or the last drift, 0 to 1.</summary>
    public double Rate { get; private init; }

    public double LowestRate { get; private init; } = double.PositiveInfinity;

    public double LowestDeviation { get; private init; } = double.PositiveInfinity;

    public DriftLevel Level { get; private init; }

    public Ddm Update(bool error)
    {
        var start = Level == DriftLevel.Drift ? new Ddm(WarmUp, WarningSigmas, DriftSigmas) : this;
        var count = start.Count + 1;
        var rate = start.Rate + (((error ? 1 : 0) - start.Rate) / count);
        var next = start with { Count = count, Rate = rate, Level = DriftLevel.None };
        if (count <= WarmUp)
        {
            return next;
        }

        var deviation = Math.Sqrt(rate * (1 - rate) / count);
        if (rate + deviation <= start.LowestRate + start.LowestDeviation)
        {
            next = next with { LowestRate = rate, LowestDeviation = deviation };
        }

        return next with
        {
            Level =
                rate + deviation > next.LowestRate + (DriftSigmas * next.LowestDeviation) ? DriftLevel.Drift
                : rate + deviation > next.LowestRate + (WarningSigmas * next.LowestDeviation) ? DriftLevel.Warning
                : DriftLevel.None,
        };
    }
}
