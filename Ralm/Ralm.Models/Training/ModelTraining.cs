using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Native;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <summary>One epoch, judged on the validation rows.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Mean over the epoch's batches.</param>
/// <param name="ValidAuc">0 to 1.</param>
/// <param name="IsRepresentation">It trained how people are seen, not yet how they are ranked; it is never the best.</param>
public sealed record TrainedEpoch(
    int Epoch,
    double TrainLoss,
    double ValidAuc,
    double ValidLogLoss,
    bool IsRepresentation
);

/// <summary>The model of the best epoch.</summary>
/// <param name="Artifact">Whole: weights, optimiser, features' schema; <see cref="ModelArtifact.ToBytes"/> is the model file.</param>
/// <param name="Best">Its epoch.</param>
/// <param name="TestAuc">On rows that neither training nor stopping has seen, with the seeds of the training rows; null: there are none, or of one kind.</param>
public sealed record TrainedModel(ModelArtifact Artifact, TrainedEpoch Best, double? TestAuc);

/// <summary>
/// Trains a model in the caller's own thread: what a run does, without actors, journal or registry. The same data and the same
/// configuration give the same weights, bit by bit, here and there.
/// </summary>
public static class ModelTraining
{
    /// <param name="data">Prepared; see <see cref="DatasetPreparation"/>.</param>
    /// <param name="config">What is left out has its default; see docs/training.md. <c>workers</c> is 1 here, whatever it says.</param>
    /// <param name="progress">Hears each epoch, on the caller's thread.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">A choice is out of its range; the message names field, value and rule.</exception>
    /// <exception cref="InvalidDataException">There are no rows to train on, or none to validate with.</exception>
    /// <exception cref="LibTorchException">libtorch is missing; the message says how to get it.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static TrainedModel Run(
        PreparedDataset data,
        TrainingConfig? config = null,
        Action<TrainedEpoch>? progress = null,
        string device = "cpu",
        CancellationToken ct = default
    )
    {
        if (ConfigRules.Check(config ?? new TrainingConfig()) is { } refused)
        {
            throw new ArgumentException($"{refused.Field} \"{refused.Value}\" {refused.Rule}", nameof(config));
        }

        LibTorch.EnsureLoaded();
        var complete = ConfigRules.Complete(config ?? new TrainingConfig());
        using var session = new TrainingSession(complete, data, checkpoint: null, device);
        (ModelArtifact Artifact, TrainedEpoch Epoch)? best = null;
        for (var epoch = 1; ; epoch++)
        {
            var done = Epoch(session, complete, epoch, ct);
            progress?.Invoke(done);
            if (done.IsRepresentation)
            {
                continue;
            }

            if (EarlyStopping.IsBest(complete, done.ValidAuc, best?.Epoch.ValidAuc))
            {
                best = (session.Checkpoint(epoch, done.ValidAuc, done.ValidLogLoss), done);
            }

            var ranking = epoch - session.RepresentationEpochs;
            if (EarlyStopping.Ends(complete, epoch, best!.Value.Epoch.Epoch, ranking) is not null)
            {
                return new TrainedModel(
                    best.Value.Artifact,
                    best.Value.Epoch,
                    TestAuc(best.Value.Artifact, data, device, ct)
                );
            }
        }
    }

    private static TrainedEpoch Epoch(TrainingSession session, TrainingConfig config, int epoch, CancellationToken ct)
    {
        var isRepresentation = session.IsRepresentation(epoch);
        var rows = isRepresentation ? session.RepresentationRows : session.TrainRows;
        var order = new RowPermutation(rows, RandomStream.ForEpoch(config.RandomSeed, epoch));
        var loss = 0.0;
        for (var batch = 0; batch < session.BatchesOf(epoch); batch++)
        {
            ct.ThrowIfCancellationRequested();
            var places = order.Batch(batch, session.Used.BatchSize);
            loss += session.Train(epoch, batch, places).Loss * places.Length;
        }

        (double Auc, double LogLoss)? valid;
        do
        {
            ct.ThrowIfCancellationRequested();
            valid = session.Validate(epoch);
        } while (valid is null);

        return new TrainedEpoch(epoch, loss / rows, valid.Value.Auc, valid.Value.LogLoss, isRepresentation);
    }

    private static double? TestAuc(ModelArtifact artifact, PreparedDataset data, string device, CancellationToken ct)
    {
        if (data.Rows(Split.Test).IsEmpty)
        {
            return null;
        }

        using var scoring = new HeldOutScoring(artifact, data, device);
        while (!scoring.Next())
        {
            ct.ThrowIfCancellationRequested();
        }

        var scored = scoring.Result();
        var auc = RankingMetrics.Auc(scored.ScoreArray(), [.. scored.Rows.Labels]);
        return double.IsNaN(auc) ? null : auc;
    }
}
