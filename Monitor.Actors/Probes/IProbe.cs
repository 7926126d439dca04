using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>Looks at one thing and names what it saw. Rates are against the sampling before, so the first sampling has none.</summary>
public interface IProbe : IDisposable
{
    /// <summary>Adds the points of one sampling. What cannot be read is left out, never guessed.</summary>
    void Sample(ICollection<MetricPoint> points);
}
