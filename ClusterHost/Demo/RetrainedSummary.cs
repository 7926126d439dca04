using System.Text.Json;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Demo;

/// <summary>What has come of the alarm: a model trained anew on what was seen behind it, and its test against the champion.</summary>
/// <param name="Outcome">As the retraining says it.</param>
/// <param name="Rows">It was trained on.</param>
/// <param name="Champion">That it was tested against; empty: it was not tested.</param>
/// <param name="Why">From the alarm to its end, by the journal.</param>
public sealed record RetrainedSummary(
    string RetrainingId,
    string Outcome,
    string Reason,
    int Rows,
    string VersionId,
    string ExperimentId,
    string Champion,
    IReadOnlyList<string> Why
)
{
    private const string Prefix = "Retraining";

    public static RetrainedSummary Of(RetrainingReply reply, IReadOnlyList<string> why) =>
        new(
            reply.RetrainingId,
            reply.Outcome == RetrainingOutcome.Retraining
                ? "under_way"
                : JsonNamingPolicy.SnakeCaseLower.ConvertName($"{reply.Outcome}"[Prefix.Length..]),
            reply.Reason,
            reply.Prepared?.Rows ?? 0,
            reply.Trained?.VersionId ?? "",
            reply.ExperimentId,
            reply.ChampionVersionId,
            why
        );
}
