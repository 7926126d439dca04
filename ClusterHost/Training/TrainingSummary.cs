using System.Text.Json;
using RalmActors.ClusterHost.Demo;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Torch;

namespace RalmActors.ClusterHost.Training;

/// <summary>What a run found, for a person or as one line of JSON.</summary>
public sealed record TrainingSummary(
    PreparedDatasetInfo Data,
    TrainingRunReply Run,
    TestEvaluation Test,
    TimeSpan PreparedIn,
    TimeSpan Took
)
{
    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                dataset = Data.Meta.Name,
                dataset_hash = Data.Meta.Hash,
                rows = Data.Meta.Rows,
                bad_rows = Data.BadRows.Length,
                train_rows = Data.Meta.Train,
                valid_rows = Data.Meta.Valid,
                test_rows = Test.Rows,
                epochs = Run.Epochs.Count,
                valid_auc = Math.Round(Run.Epochs.Max(e => e.ValidAuc), 4),
                test_auc = Math.Round(Test.Auc, 4),
                test_log_loss = Math.Round(Test.LogLoss, 4),
                constant_log_loss = Math.Round(Test.ConstantLogLoss, 4),
                test_brier = Math.Round(Test.Brier, 4),
                test_calibration_error = Math.Round(Test.CalibrationError, 4),
                weights_hash = Run.Artifact.WeightsHash,
                artifact_hash = Run.Artifact.Hash,
                prepared_s = Math.Round(PreparedIn.TotalSeconds, 1),
                duration_s = Math.Round(Took.TotalSeconds, 1),
            },
            DemoSummary.SnakeCase
        );

    public override string ToString() =>
        $"""
            {Data.Meta.Name}: {Data.Meta.Rows:N0} rows ({Data.BadRows.Length} left out), {Data.Meta.Train:N0} to train, {Data.Meta.Valid:N0} to stop, {Test.Rows:N0} to test
            test AUC {Test.Auc:F4}, log loss {Test.LogLoss:F4} (a constant: {Test.ConstantLogLoss:F4}), calibration error {Test.CalibrationError:F4}
            {Run.Epochs.Count} epochs, best validation AUC {Run.Epochs.Max(e =>
                e.ValidAuc
            ):F4}, {Took.TotalSeconds:F1} s
            weights {Run.Artifact.WeightsHash}
            """;
}
