namespace Ralm.Drift.Detectors;

/// <summary>
/// Shewhart's chart of single values (Statistical Method from the Viewpoint of Quality Control, 1939): one value outside of the
/// limits is a change. The quickest at a large jump, blind to a small one, and for streams without outliers.
/// </summary>
/// <param name="Sigmas">Limits, in standard deviations of the reference, above 0; default 6. The textbook's 3 are for normal values, looked at seldom.</param>
public sealed record Shewhart(double Sigmas = 6) : ReferenceChart
{
    private protected override DriftDetector Judge(double value)
    {
        var (off, limit) = (value - Mean, Sigmas * Deviation);
        return Minds(DriftDirections.Up) && off > limit ? Changed(DriftDirections.Up)
            : Minds(DriftDirections.Down) && -off > limit ? Changed(DriftDirections.Down)
            : this;
    }

    private protected override DriftDetector Fresh() => new Shewhart(Sigmas);
}
