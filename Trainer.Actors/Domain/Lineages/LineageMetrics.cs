using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>What a lineage tells of itself as a source of metrics, <c>lineage:ID</c>.</summary>
public static class LineageMetrics
{
    public static string SourceOf(string lineageId) => $"lineage:{lineageId}";

    public static RecordMetrics Of(LineageState state, LineageMeasured measured, DateTimeOffset now) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"measured:{measured.BatchNr}" },
            SourceId = SourceOf(state.LineageId),
            At = Timestamp.FromDateTimeOffset(now),
            Points =
            {
                Figures("served", measured.Served),
                Figures("latest", measured.Latest),
                Figures("frozen", measured.Frozen),
                Point("lineage_samples", measured.Samples),
                Point("lineage_alarms", state.Alarms.Count),
                Point("lineage_samples_set_aside", state.SetAside.Samples),
                Point("lineage_rollbacks", state.Rollbacks),
                Point("lineage_fell_behind", state.FellBehind),
            },
        };

    private static IEnumerable<MetricPoint> Figures(string predictor, PrequentialFigures f)
    {
        yield return Point($"lineage_log_loss{{predictor=\"{predictor}\"}}", f.LogLoss);
        yield return Point($"lineage_accuracy{{predictor=\"{predictor}\"}}", f.Accuracy);
        yield return Point($"lineage_calibration_error{{predictor=\"{predictor}\"}}", f.CalibrationError);
        if (f.HasAuc)
        {
            yield return Point($"lineage_auc{{predictor=\"{predictor}\"}}", f.Auc);
        }
    }

    private static MetricPoint Point(string name, double value) => new() { Name = name, Value = value };
}
