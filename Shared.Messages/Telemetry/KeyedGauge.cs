using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RalmActors.Messages.Telemetry;

/// <summary>
/// A value for each of the things of this process that are in memory now: lineages, experiments. Whoever holds one sets it as often
/// as it changes, which costs a write; it is told when somebody looks.
/// </summary>
public sealed class KeyedGauge
{
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);

    internal KeyedGauge(Meter meter, MetricDefinition definition) =>
        definition.Observe(meter, () => _values.Select(v => definition.Of(v.Key, v.Value)));

    public void Set(string key, double value) => _values[key] = value;

    /// <summary>It has gone to another node, or out of memory.</summary>
    public void Remove(string key) => _values.TryRemove(key, out _);
}
