using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RalmActors.Messages.Telemetry;

/// <summary>
/// Counts what is rare, by a key. The totals are kept here and read when somebody looks: what is only told is lost on who begins to
/// look later.
/// </summary>
public sealed class KeyedCounter
{
    private readonly ConcurrentDictionary<string, long> _totals = new(StringComparer.Ordinal);

    internal KeyedCounter(Meter meter, MetricDefinition definition) =>
        definition.Observe(meter, () => _totals.Select(t => definition.Of(t.Key, t.Value)));

    public void Add(string key, long more) => _totals.AddOrUpdate(key, more, (_, total) => total + more);
}
