using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors.Tests.Calibration;

/// <summary>
/// <see cref="PlantedData"/>'s inputs with labels drawn from a known probability, a fifth of them 1: a model can be right about
/// the odds, and seen to be wrong about them.
/// </summary>
internal static class DrawnData
{
    private const int Train = 6_000;
    private const int Valid = 4_000;
    private const int Test = 8_000;

    /// <param name="shown">Of the training rows, those that train; the others test.</param>
    public static PreparedDataset Open(int shown = Train)
    {
        const int Rows = Train + Valid + Test;
        var schema = PlantedData.Schema;
        var (u, c, x) = (schema.User.Width, schema.Candidate.Width, schema.Context.Width);
        var (users, candidates, context) = (new float[Rows * u], new float[Rows * c], new float[Rows * x]);
        var labels = new float[Rows];
        for (var k = 0; k < Rows; k++)
        {
            var sample = Sample(k);
            schema.Encode(sample, users.AsSpan(k * u, u), candidates.AsSpan(k * c, c), context.AsSpan(k * x, x));
            labels[k] = sample.Label;
        }

        int[] each = [.. Enumerable.Range(0, Rows)];
        var meta = new DatasetMeta(
            PlantedData.Path,
            PlantedData.Hash,
            schema.Id,
            Rows,
            Rows,
            Rows,
            u,
            c,
            x,
            shown,
            Valid,
            Test + Train - shown,
            labels.Average()
        );
        var splits = each.Select(k =>
            k < shown ? Split.Train
            : k >= Train && k < Train + Valid ? Split.Valid
            : Split.Test
        );
        return new PreparedDataset(meta, schema, users, candidates, context, each, each, labels, [.. splits]);
    }

    public static Sample Sample(int k)
    {
        var sample = PlantedData.Sample(k);
        var logOdds =
            (1.2 * sample.User.Items[0].Number)
            - (0.8 * sample.Candidate.Items[0].Number)
            + (0.5 * sample.Context.Items[0].Number)
            - 2;
        sample.Label = RandomStream.Uniform(77, k) < 1 / (1 + Math.Exp(-logOdds)) ? 1 : 0;
        return sample;
    }

    /// <summary>The k-th test row as a request.</summary>
    public static Score Request(int k)
    {
        var sample = Sample(Train + Valid + k);
        return new()
        {
            RequestId = $"r-{k}",
            Family = "city",
            UserId = sample.UserId,
            User = sample.User,
            Candidates =
            {
                new Candidate
                {
                    CandidateId = sample.CandidateId,
                    Features = sample.Candidate,
                    Context = sample.Context,
                },
            },
        };
    }

    public static TrainingConfig Config(string model, float weight, string calibration) =>
        ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = model,
                    TowerDim = 16,
                    HiddenDim = 32,
                    Dropout = -1,
                },
                Optimizer = new OptimizerConfig { LearningRate = 0.01f },
                BatchSize = 256,
                PositiveWeight = weight,
                Calibration = calibration,
                RepresentationEpochs = -1,
                RandomSeed = 5,
            }
        );

    public static ModelArtifact Trained(PreparedDataset data, TrainingConfig config, int epochs)
    {
        using var session = new TrainingSession(config, data, null, "cpu");
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            var order = new RowPermutation(session.TrainRows, RandomStream.ForEpoch(config.RandomSeed, epoch));
            for (var batch = 0; batch * config.BatchSize < session.TrainRows; batch++)
            {
                session.Train(epoch, batch, order.Batch(batch, config.BatchSize));
            }
        }

        (double Auc, double LogLoss)? metrics;
        while ((metrics = session.Validate(epochs)) is null) { }

        // As it is stored and loaded.
        return ModelArtifact.FromBytes(session.Checkpoint(epochs, metrics.Value.Auc, metrics.Value.LogLoss).ToBytes());
    }

    public static ScoredRows Judged(ModelArtifact artifact, PreparedDataset data)
    {
        using var scoring = new HeldOutScoring(artifact, data, "cpu");
        while (!scoring.Next()) { }

        return scoring.Result();
    }

    public static (double LogLoss, double Calibration, double Auc) Figures(ScoredRows scored)
    {
        var (scores, labels) = (scored.ScoreArray(), scored.Rows.Labels.ToArray());
        return (
            RankingMetrics.LogLoss<float>(scores, labels),
            RankingMetrics.CalibrationError<float>(scores, labels),
            RankingMetrics.Auc<float>(scores, labels)
        );
    }
}
