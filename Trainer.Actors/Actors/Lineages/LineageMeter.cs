using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// What lineages have not learned though it was accepted, and how often their predictions became worse; per lineage, since this
/// process began. A restart tries anew what is not in a checkpoint, and counts what is passed over there again.
/// </summary>
internal static class LineageMeter
{
    private static readonly Meter Meter = new("RalmActors");

    private static readonly Totals PassedOver = new(
        "lineage_samples_passed_over",
        "Samples that do not fit the schema of the lineage's model"
    );

    private static readonly Totals SetAside = new(
        "lineage_samples_set_aside",
        "Samples of batches that the lineage could not learn"
    );

    private static readonly Totals Alarms = new("lineage_alarms", "Times that predictions of the lineage became worse");

    private static readonly Totals FellBehind = new(
        "lineage_fell_behind",
        "Times that the lineage was worse than the version it started from, and was rolled back and paused"
    );

    public static void AddFellBehind(string lineageId) => FellBehind.Add(lineageId, 1);

    public static void AddAlarm(string lineageId) => Alarms.Add(lineageId, 1);

    public static void AddPassedOver(string lineageId, int samples) => PassedOver.Add(lineageId, samples);

    public static void AddSetAside(string lineageId, int samples) => SetAside.Add(lineageId, samples);

    /// <summary>Kept here and read when somebody looks: what is only told is lost on who looks later, and rare enough to expire.</summary>
    private sealed class Totals
    {
        private readonly ConcurrentDictionary<string, long> _byLineage = new(StringComparer.Ordinal);

        public Totals(string name, string description) =>
            Meter.CreateObservableCounter(name, () => _byLineage.Select(Measured), description: description);

        public void Add(string lineageId, int more) =>
            _byLineage.AddOrUpdate(lineageId, more, (_, total) => total + more);

        private static Measurement<long> Measured(KeyValuePair<string, long> total) =>
            new(total.Value, new KeyValuePair<string, object?>("lineage", total.Key));
    }
}
