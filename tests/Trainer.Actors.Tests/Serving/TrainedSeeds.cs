using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Trainer.Actors.Tests.Runs;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>A look-alike model trained on <see cref="SeededData"/>, once for all specs.</summary>
internal sealed record TrainedSeeds(PreparedDataset Data, ModelArtifact Artifact, ModelArtifact Other, float[] Test)
{
    private const int Epochs = 12;

    public static TrainedSeeds Train()
    {
        var data = SeededData.Open();
        using var session = new TrainingSession(SeededData.Config, data, null, "cpu");
        ModelArtifact? other = null;
        for (var epoch = 1; epoch <= session.RepresentationEpochs + Epochs; epoch++)
        {
            var rows = session.IsRepresentation(epoch) ? session.RepresentationRows : session.TrainRows;
            var (batch, size) = (0, SeededData.Config.BatchSize);
            for (var from = 0; from < rows; from += size)
            {
                session.Train(epoch, batch++, [.. Enumerable.Range(from, Math.Min(size, rows - from))]);
            }

            other = epoch == session.RepresentationEpochs + 1 ? session.Checkpoint(epoch, 0.5, 0.7) : other;
        }

        var artifact = session.Checkpoint(session.RepresentationEpochs + Epochs, 0.5, 0.7);
        using var scoring = new HeldOutScoring(artifact, data, "cpu");
        while (!scoring.Next()) { }

        return new TrainedSeeds(data, artifact, other!, scoring.Result().ScoreArray());
    }

    /// <summary>The row's score as the trainer's own evaluation gives it.</summary>
    public float Offline(int row) => Test[Data.Rows(Split.Test).IndexOf(row)];
}
