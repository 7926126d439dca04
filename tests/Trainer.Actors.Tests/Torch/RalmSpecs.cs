using MathNet.Numerics.Statistics;
using Ralm.Models.Artifacts;
using Ralm.Models.Native;
using Ralm.Models.Networks;
using Ralm.Models.Training;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.LookAlike;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class RalmSpecs
{
    private const int Epochs = 20;

    /// <summary>Upper 5 % of Student's t with four degrees of freedom.</summary>
    private const double OneSidedT = 2.132;

    private static readonly ModelConfig Config = ConfigRules
        .Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { TowerDim = 8, SeedClusters = 4 },
            }
        )
        .Model;

    public RalmSpecs() => LibTorch.EnsureLoaded();

    [Fact]
    public void The_representation_comes_first_and_the_rest_is_the_rankings()
    {
        var model = new RalmModel(
            Config,
            new InputShape(6, 5, 3, [2, 4], [5], Reciprocal: false),
            SeedPooling.Attention
        );

        var first = model.Layout.Parameters.TakeWhile(p => p.Offset < model.RepresentationLength).ToArray();

        Assert.All(first, p => Assert.True(IsRepresentation(p.Name), p.Name));
        Assert.StartsWith("transform", model.Layout.Parameters[first.Length].Name);
    }

    [Fact]
    public void Attention_over_a_cluster_is_attention_over_its_seeds_where_they_are_alike()
    {
        // Three seeds in one place and one in another: as four seeds, and as two clusters of sizes three and one.
        float[] a = [1, 2, 3, 4, 5, 6, 7, 8];
        float[] b = [-2, 1, 0, 3, -1, 2, 1, 0];

        var apart = Score([.. a, .. a, .. a, .. b], [0, 0, 0, 0], 4);
        var together = Score([.. a, .. b, .. new float[16]], [MathF.Log(3), 0, -1e4f, -1e4f], 4);

        Assert.Equal(apart, together, 1e-5f);
        Assert.NotEqual(apart, Score([.. a, .. b, .. b, .. b], [0, 0, 0, 0], 4), 1e-5f);
    }

    [Fact]
    public void Without_seeds_the_score_does_not_depend_on_what_stands_in_their_place()
    {
        var none = Score(new float[32], [-1e4f, -1e4f, -1e4f, -1e4f], 0);

        Assert.Equal(
            none,
            Score([.. Enumerable.Range(0, 32).Select(k => (float)k)], [-1e4f, -1e4f, -1e4f, -1e4f], 0),
            1e-6f
        );
        Assert.True(float.IsFinite(none));
    }

    [Fact]
    public void Ranking_steps_leave_the_representation_as_phase_1_made_it()
    {
        var config = ConfigRules.Complete(GivenRun.Start(model: RalmModel.Name).Config);
        config.RepresentationEpochs = 1;
        config.Optimizer.WeightDecay = 0.1f;
        using var session = new TrainingSession(config, LookAlikeData.Open(1), null, "cpu");
        session.Train(1, 0, [.. Enumerable.Range(0, 64)]);
        var before = session.Checkpoint(1, 0.5, 0.5);

        session.Train(2, 0, [.. Enumerable.Range(0, 64)]);
        var after = session.Checkpoint(2, 0.5, 0.5);

        var (frozen, moved) = (0, 0);
        foreach (var (was, now) in before.Weights.Zip(after.Weights))
        {
            var same = was.Values.Span.SequenceEqual(now.Values.Span);
            var isRepresentation = IsRepresentation(was.Name);
            Assert.True(same == isRepresentation || was.Values.Span.IndexOfAnyExcept(0) < 0, was.Name);
            (frozen, moved) = (frozen + (same ? 1 : 0), moved + (same ? 0 : 1));
        }

        Assert.True(frozen > 4 && moved > 4);
    }

    [Fact]
    public void Where_seeds_carry_the_signal_attention_beats_their_mean_and_both_beat_regression()
    {
        var seeds = new ulong[] { 1, 2, 3, 4, 5 };

        var ralm = seeds.Select(s => TestAuc(RalmModel.Name, s)).ToArray();
        var mean = seeds.Select(s => TestAuc(RalmModel.MeanPooledName, s)).ToArray();
        var regression = seeds.Select(s => TestAuc(LogisticRegression.Name, s)).ToArray();

        TestContext.Current.SendDiagnosticMessage(
            $"AUC: RALM {ralm.Average():F4}, mean-pooled {mean.Average():F4}, regression {regression.Average():F4}; "
                + $"paired t {PairedT(ralm, mean):F2} and {PairedT(mean, regression):F2}"
        );
        Assert.True(PairedT(ralm, mean) > OneSidedT, "attention over the mean");
        Assert.True(PairedT(mean, regression) > OneSidedT, "the mean over regression");
        Assert.All(regression, auc => Assert.InRange(auc, 0.45, 0.6));
    }

    private static bool IsRepresentation(string parameter) =>
        parameter.StartsWith("user.", StringComparison.Ordinal)
        || parameter.StartsWith("item.", StringComparison.Ordinal);

    private static double PairedT(double[] a, double[] b)
    {
        var differences = a.Zip(b, (x, y) => x - y).ToArray();
        return differences.Mean() / (differences.StandardDeviation() / Math.Sqrt(differences.Length));
    }

    /// <summary>With the defaults of whoever trains, but for a smaller model.</summary>
    private static double TestAuc(string model, ulong seed)
    {
        var config = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Model = model, TowerDim = 32 },
                BatchSize = 128,
                RandomSeed = seed,
            }
        );
        var data = LookAlikeData.Open(seed);
        using var session = new TrainingSession(config, data, null, "cpu");
        var (best, checkpoint) = (0.0, (ModelArtifact?)null);
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            var rows = session.IsRepresentation(epoch) ? session.RepresentationRows : session.TrainRows;
            var order = new RowPermutation(rows, RandomStream.ForEpoch(seed, epoch));
            for (var batch = 0; batch * config.BatchSize < rows; batch++)
            {
                session.Train(epoch, batch, order.Batch(batch, config.BatchSize));
            }

            (double Auc, double LogLoss)? valid = null;
            while (valid is null)
            {
                valid = session.Validate(epoch);
            }

            var (auc, loss) = valid.Value;
            if (!session.IsRepresentation(epoch) && auc > best)
            {
                (best, checkpoint) = (auc, session.Checkpoint(epoch, auc, loss));
            }
        }

        using var scoring = new HeldOutScoring(checkpoint!, data, "cpu");
        while (!scoring.Next()) { }

        var scored = scoring.Result();
        return RankingMetrics.Auc(scored.ScoreArray(), [.. scored.Rows.Labels]);
    }

    private static float Score(float[] centres, float[] logSizes, int count)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var model = new RalmModel(Config, new InputShape(3, 2, 0), SeedPooling.Attention);
        using var weights = new ParameterSet(model.Layout, CPU, trainable: false);
        weights.Initialise(5);
        var seeds = new SeedInput(
            tensor(centres).view(1, 4, 8),
            tensor(logSizes).view(1, 4),
            tensor(new float[] { count }).view(1, 1)
        );
        var input = new ModelInput(
            tensor(new float[] { 1, -1, 0.5f }).view(1, 3),
            tensor(new float[] { 0.3f, 2 }).view(1, 2),
            null,
            seeds
        );
        return model.Logits(weights, input, null).item<float>();
    }
}
