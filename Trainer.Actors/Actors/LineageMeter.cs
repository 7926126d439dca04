using System.Diagnostics.Metrics;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// What lineages have not learned though it was accepted, per lineage, since this process began. A restart tries anew what is
/// not in a checkpoint, and counts what is passed over there again.
/// </summary>
internal static class LineageMeter
{
    private static readonly Meter Meter = new("RalmActors");

    private static readonly Counter<long> PassedOver = Meter.CreateCounter<long>(
        "lineage_samples_passed_over",
        description: "Samples that do not fit the schema of the lineage's model"
    );

    private static readonly Counter<long> SetAside = Meter.CreateCounter<long>(
        "lineage_samples_set_aside",
        description: "Samples of batches that the lineage could not learn"
    );

    public static void AddPassedOver(string lineageId, int samples) => PassedOver.Add(samples, Of(lineageId));

    public static void AddSetAside(string lineageId, int samples) => SetAside.Add(samples, Of(lineageId));

    private static KeyValuePair<string, object?> Of(string lineageId) => new("lineage", lineageId);
}
