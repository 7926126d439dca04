using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>Looks at one thing and names what it saw. Rates are against the look before, so the first look has none.</summary>
public interface IProbe : IDisposable
{
    /// <summary>Adds the points of one look. What cannot be read is left out, never guessed.</summary>
    void Look(ICollection<MetricPoint> points);
}
