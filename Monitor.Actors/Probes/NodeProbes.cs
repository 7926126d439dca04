using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>Everything one node can tell about itself, by the cheapest way its system has.</summary>
/// <param name="further">Asked after the machine and the process.</param>
public sealed class NodeProbes(string dataPath, TimeProvider clock, params IEnumerable<IProbe> further) : IProbe
{
    private readonly IProbe[] _probes =
    [
        OperatingSystem.IsLinux() ? new LinuxNodeProbe(dataPath, clock) : new PortableNodeProbe(dataPath, clock),
        new ProcessProbe(clock),
        .. further,
    ];

    public void Sample(ICollection<MetricPoint> points)
    {
        foreach (var probe in _probes)
        {
            probe.Sample(points);
        }
    }

    public void Dispose()
    {
        foreach (var probe in _probes)
        {
            probe.Dispose();
        }
    }
}
