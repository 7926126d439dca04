namespace RalmActors.Monitoring.Probes;

/// <summary>
/// The counters of each device of a kind, and how far each has come since the sampling before. Devices come and go: one that
/// is new has no past, and one that is gone takes nothing from the others. A counter that has gone back was reset; how far it
/// has come since nobody knows, so it counts as nothing.
/// </summary>
public sealed class DeviceTable
{
    private Dictionary<string, long[]> _before = new(StringComparer.Ordinal);

    /// <param name="now">By name, of all devices, so that one that is counted later has a past by then.</param>
    /// <param name="counted">Whose steps are asked for.</param>
    /// <returns>For each counted device that was there before, the steps of its counters: none below zero.</returns>
    public List<long[]> Advance(Dictionary<string, long[]> now, IEnumerable<string> counted)
    {
        var steps = new List<long[]>();
        foreach (var name in counted)
        {
            if (_before.TryGetValue(name, out var before))
            {
                steps.Add([.. now[name].Zip(before, (n, b) => Math.Max(0, n - b))]);
            }
        }

        _before = now;
        return steps;
    }
}
