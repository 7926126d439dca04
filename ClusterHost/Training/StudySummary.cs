using System.Text.Json;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Reports;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Training;

/// <summary>What a search found, for a person or as one line of JSON.</summary>
public sealed record StudySummary(PreparedDatasetInfo Data, StudyReply Study, Evaluation Test, TimeSpan Took)
{
    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                study = Study.StudyId,
                dataset = Data.Meta.Name,
                dataset_hash = Data.Meta.Hash,
                warnings = Data.Meta.Warnings,
                report = Data.ReportPath,
                trials = Study.Started,
                completed = Study.Completed,
                pruned = Study.Pruned,
                failed = Study.Failed,
                epochs = Study.Epochs,
                best_trial = Study.Best.Number,
                best_value = Math.Round(Study.Best.Value, 4),
                best_parameters = Study.Best.Parameters.ToDictionary(p => p.Path, ValueOf),
                test_auc = Math.Round(Figure("auc"), 4),
                test_log_loss = Math.Round(Figure("log_loss"), 4),
                weights_hash = Study.Best.End.Artifact.WeightsHash,
                artifact_hash = Study.Best.End.Artifact.Hash,
                duration_s = Math.Round(Took.TotalSeconds, 1),
            },
            JsonLine.Options
        );

    public override string ToString() =>
        $"""
            {Data.Meta.Name}: {Study.Started} trials ({Study.Completed} completed, {Study.Pruned} pruned, {Study.Failed} failed), {Study.Epochs} epochs, {Took.TotalSeconds:F1} s
            best trial {Study.Best.Number}: {Study.Best.Value:F4}
            {string.Join('\n', Study.Best.Parameters.Select(p => $"  {p.Path} = {ValueOf(p)}"))}
            test: {EvaluationHtml.InShort(Test)}
            weights {Study.Best.End.Artifact.WeightsHash}
            {PreparationLines.Of(Data)}
            """;

    private double Figure(string metric) => Test.Metrics.FirstOrDefault(m => m.Metric == metric)?.Value ?? 0;

    private static object ValueOf(ParameterValue value) =>
        value.ValueCase switch
        {
            ParameterValue.ValueOneofCase.Number => value.Number,
            ParameterValue.ValueOneofCase.Integer => value.Integer,
            _ => value.Text,
        };
}
