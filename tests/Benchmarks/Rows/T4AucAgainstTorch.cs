using System.Globalization;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// What the reference model learns from a million interactions whose true probabilities are known, and what PyTorch learns
/// from the same bytes: AUC on rows that neither has seen, after one epoch and where the run's own rule of early stopping
/// ends. T5 is the same for one epoch, and asks for the memory.
/// </summary>
public sealed class T4AucAgainstTorch(string id, int maxEpochs) : IFigures
{
    private readonly PlantedInteractions _planted = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;

    public string Id => id;

    private TrainingConfig Config { get; } =
        ConfigRules.Complete(new(T2TrainingByMessages.RunOf(batchSize: 512).Config) { MaxEpochs = maxEpochs });

    public async Task<string> Run(CancellationToken ct)
    {
        try
        {
            _planted.Write(_folder);
            using var peer = new TorchPeer();
            await peer.Open(T1TrainingAgainstTorch.Model, _folder, _planted.Train, ct);
            if (peer.Missing is { } missing)
            {
                return $"not measured: {missing}.";
            }

            var product = Product(ct);
            var peak = PeakMemory.OfMb("self");
            var torch = await Peer(peer, ct);
            var text = Text(product, torch, peak, peer.PeakMb, peer.Describe);
            await peer.Close();
            return text;
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Learned Product(CancellationToken ct)
    {
        var data = _planted.ToDataset();
        PeakMemory.Forget();
        var store = new ArtifactStore(_folder);
        var run = Started();
        using var session = new TrainingSession(Config, data, null, "cpu");
        var learned = new Learned([]);
        while (run.IsTraining)
        {
            var epoch = run.EpochsDone + 1;
            var order = new RowPermutation(session.TrainRows, RandomStream.ForEpoch(Config.RandomSeed, epoch));
            var batches = (session.TrainRows + session.Used.BatchSize - 1) / session.Used.BatchSize;
            for (var batch = 0; batch < batches; batch++)
            {
                ct.ThrowIfCancellationRequested();
                session.Train(epoch, batch, order.Batch(batch, session.Used.BatchSize));
            }

            (double Auc, double LogLoss)? valid;
            do
            {
                valid = session.Validate(epoch);
            } while (valid is null);

            var artifact = session.Checkpoint(epoch, valid.Value.Auc, valid.Value.LogLoss);
            learned.Epochs.Add((valid.Value.Auc, TestAuc(artifact, data)));
            run = After(run, epoch, valid.Value.Auc, store.Save(artifact));
            Console.Error.Write($"product {epoch}: {learned.Epochs[^1].Test:F4} ");
        }

        return learned with
        {
            Best = run.Best!.Epoch,
        };
    }

    private async Task<Learned> Peer(TorchPeer peer, CancellationToken ct)
    {
        var run = Started();
        var learned = new Learned([]);
        while (run.IsTraining)
        {
            await peer.Epoch(ct);
            var scores = await peer.Score(ct);
            learned.Epochs.Add(
                (Auc(scores[.._planted.Valid], _planted.Train), Auc(scores[_planted.Valid..], FirstTestRow))
            );
            run = After(run, learned.Epochs.Count, learned.Epochs[^1].Valid, new ArtifactRef());
            Console.Error.Write($"peer {learned.Epochs.Count}: {learned.Epochs[^1].Test:F4} ");
        }

        return learned with
        {
            Best = run.Best!.Epoch,
        };
    }

    private int FirstTestRow => _planted.Train + _planted.Valid;

    private string Text(Learned product, Learned peer, double peak, double peerPeak, string peerName)
    {
        var bayes = Auc(_planted.Probabilities[FirstTestRow..], FirstTestRow);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{_planted.Rows:N0} planted interactions, {_planted.Train:N0} of them to train on; AUC of the true probabilities on the {_planted.Rows - FirstTestRow:N0} test rows: {bayes:F4}. Peer: {peerName}. After one epoch: {Ratio(product.Epochs[0].Test, peer.Epochs[0].Test, bayes, 0.985)}. "
        );
        if (maxEpochs > 1)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"After early stopping (epoch {product.Best} of {product.Epochs.Count}, the peer's {peer.Best} of {peer.Epochs.Count}): {Ratio(product.Kept, peer.Kept, bayes, 0.990)}. "
            );
        }

        return text
            + string.Create(
                CultureInfo.InvariantCulture,
                $"T5, peak memory with the same arrays in both: {peak:N0} MB against {peerPeak:N0} MB, {peak / peerPeak:F2} times (must 1.2, stretch 1.0)."
            );
    }

    private static string Ratio(double product, double peer, double bayes, double must) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{product / bayes:F4} of Bayes against the peer's {peer / bayes:F4} (AUC {product:F4} and {peer:F4}; must {must:F3} {Judged(product / bayes >= must)}, and at most 0.002 below the peer {Judged(product >= peer - 0.002)})"
        );

    private static string Judged(bool reached) => reached ? "reached" : "MISSED";

    private double Auc(float[] scores, int firstRow) =>
        RankingMetrics.Auc<float>(scores, _planted.Labels.AsSpan(firstRow, scores.Length));

    private static double TestAuc(ModelArtifact artifact, PreparedDataset data)
    {
        using var scoring = new HeldOutScoring(artifact, data, "cpu");
        while (!scoring.Next()) { }

        var scored = scoring.Result();
        return RankingMetrics.Auc<float>(scored.ScoreArray(), [.. scored.Rows.Labels]);
    }

    /// <summary>The run's own state ends both: patience and the least gain are its defaults.</summary>
    private TrainingRunState Started()
    {
        var start = new StartTraining
        {
            Header = new CommandHeader { CommandId = id },
            RunId = id,
            DatasetPath = "planted",
            DatasetHash = PlantedInteractions.Hash,
            Config = Config,
        };
        return Take(TrainingRunState.Empty(id), s => s.Decide(start, DateTimeOffset.UnixEpoch));
    }

    private static TrainingRunState After(TrainingRunState run, int epoch, double auc, ArtifactRef checkpoint) =>
        Take(run, s => s.FinishEpoch(new EpochResult(epoch, 0, auc, 0, checkpoint, "")));

    private static TrainingRunState Take(TrainingRunState run, Func<TrainingRunState, Decision?> decide)
    {
        var decision = decide(run)!;
        return decision.Rejection is { } refused
            ? throw new InvalidOperationException($"{refused}")
            : decision.Events.Aggregate(run, (s, e) => s.Apply(e));
    }

    /// <param name="Epochs">AUC on the rows that stop early, and on the test rows.</param>
    /// <param name="Best">The epoch that was kept, from 1.</param>
    private sealed record Learned(List<(double Valid, double Test)> Epochs, int Best = 1)
    {
        public double Kept => Epochs[Best - 1].Test;
    }
}
