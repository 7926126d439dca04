using System.Globalization;
using System.Text.Json;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Reports;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Training;

/// <summary>What a run found, for a person or as one line of JSON.</summary>
public sealed record TrainingSummary(
    PreparedDatasetInfo Data,
    TrainingRunReply Run,
    Evaluation Evaluation,
    TimeSpan PreparedIn,
    TimeSpan Took
)
{
    public string ToJson() => JsonSerializer.Serialize(Figures(), JsonLine.Options);

    internal Dictionary<string, object?> Figures()
    {
        var summary = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["dataset"] = Data.Meta.Name,
            ["dataset_hash"] = Data.Meta.Hash,
            ["rows"] = Data.Meta.Rows,
            ["bad_rows"] = Data.Report.BadRows,
            ["warnings"] = Data.Meta.Warnings,
            ["report"] = Data.ReportPath,
            ["train_rows"] = Data.Meta.Train,
            ["valid_rows"] = Data.Meta.Valid,
            ["test_rows"] = Evaluation.Rows,
            ["epochs"] = Run.Epochs.Count,
            ["valid_auc"] = Math.Round(Run.Epochs.Max(e => e.ValidAuc), 4),
        };
        foreach (var metric in Run.Metrics.Where(m => m.Name.StartsWith("test_", StringComparison.Ordinal)))
        {
            summary[metric.Name] = Math.Round(metric.Value, 4);
            if (metric.HasLow)
            {
                summary[$"{metric.Name}_low"] = Math.Round(metric.Low, 4);
                summary[$"{metric.Name}_high"] = Math.Round(metric.High, 4);
            }
        }

        if (Evaluation.Metrics.FirstOrDefault(m => m.Metric == "log_loss") is { } loss)
        {
            summary["constant_log_loss"] = Math.Round(loss.Constant, 4);
        }

        summary["weights_hash"] = Run.Artifact.WeightsHash;
        summary["artifact_hash"] = Run.Artifact.Hash;
        summary["evaluation_hash"] = Run.Evaluation?.Hash;
        summary["prepared_s"] = Math.Round(PreparedIn.TotalSeconds, 1);
        summary["duration_s"] = Math.Round(Took.TotalSeconds, 1);
        return summary;
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Data.Meta.Name}: {Data.Meta.Rows:N0} rows ({Data.Report.BadRows:N0} left out), {Data.Meta.Train:N0} to train, {Data.Meta.Valid:N0} to stop, {Evaluation.Rows:N0} to test
            test: {EvaluationHtml.InShort(Evaluation)}
            {string.Join(
                "\n",
                Evaluation.Metrics.Select(m =>
                    m.HasLow
                        ? $"  {m.Metric, -20} {m.Value:F4} ({m.Low:F4} to {m.High:F4}), constant {(m.HasConstant ? $"{m.Constant:F4}" : "-")}"
                        : $"  {m.Metric, -20} {m.Value:F4}"
                )
            )}
            {Run.Epochs.Count} epochs, best validation AUC {Run.Epochs.Max(e => e.ValidAuc):F4}, {Took.TotalSeconds:F1} s
            weights {Run.Artifact.WeightsHash}
            {PreparationLines.Of(Data)}
            """
        );
}
