using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Calibration;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>What a lineage makes of a world that turns around: who was liked is liked no more.</summary>
public sealed class GuardedReactionSpecs
{
    private const int BatchSize = 32;
    private const int PeacefulBatches = 60;
    private const int Batches = 150;

    private static readonly OptimizerConfig Slow = new() { Name = "adam", LearningRate = 0.0003f };
    private static readonly DriftReaction Defaults = ReactionRules.Filled(null);

    private static readonly Lazy<ModelArtifact> Origin = new(() =>
        DrawnData.Trained(DrawnData.Open(), DrawnData.Config("TwoTowerMha", 1, ""), 2)
    );

    [Fact]
    public void A_change_is_noticed_once_and_the_copy_that_wins_takes_over()
    {
        var (still, reacting) = (Learn(null), Learn(Defaults));

        var noticed = Assert.Single(reacting.Steps, s => s.Noticed is not null).Noticed!;
        Assert.InRange(noticed.BatchNr, PeacefulBatches + 1, PeacefulBatches + 15);
        Assert.InRange(noticed.SamplesSince, 1, (int)(noticed.BatchNr - PeacefulBatches + 2) * BatchSize);
        var ended = Assert.Single(reacting.Steps, s => s.Ended is not null).Ended!;
        Assert.Equal((noticed.BatchNr, ReactionOutcome.ReactionWon), (ended.AlarmBatchNr, ended.Outcome));
        Assert.Equal(Defaults.Lasts / BatchSize, ended.BatchNr - noticed.BatchNr, 1.0);
        // Until the alarm both are the same, bit for bit; at the end one has learned the new world.
        var same = (int)noticed.BatchNr;
        Assert.Equal(still.Losses[..same], reacting.Losses[..same]);
        var (before, slow, fast) = (
            still.Losses[..PeacefulBatches].Average(),
            still.Losses[^20..].Average(),
            reacting.Losses[^20..].Average()
        );
        Assert.True(fast < slow - 0.2 && fast < before + 0.15, $"before {before:F3}, slow {slow:F3}, fast {fast:F3}");
    }

    [Fact]
    public void In_peace_nothing_is_noticed_and_the_weights_are_those_without_a_reaction()
    {
        var (still, reacting) = (Learn(null, turns: false), Learn(Defaults, turns: false));

        Assert.DoesNotContain(reacting.Steps, s => s.Noticed is not null);
        Assert.Equal(still.Weights, reacting.Weights);
    }

    /// <summary>An alarm without a cause: nothing that is served changes.</summary>
    [Fact]
    public void A_copy_that_is_no_better_is_thrown_away()
    {
        var nervous = Defaults.Clone();
        (nervous.Detector, nervous.RateFactor, nervous.Lasts) = ("page-hinkley threshold=1", 300, 640);

        var (still, reacting) = (Learn(null, turns: false), Learn(nervous, turns: false));

        Assert.Contains(reacting.Steps, s => s.Ended is { Outcome: ReactionOutcome.ReactionLost });
        Assert.DoesNotContain(reacting.Steps, s => s.Ended is { Outcome: not ReactionOutcome.ReactionLost });
        Assert.Equal(still.Weights, reacting.Weights);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(PeacefulBatches + 4)]
    [InlineData(PeacefulBatches + 20)]
    [InlineData(PeacefulBatches + 45)]
    public void Killed_and_gone_on_from_a_checkpoint_it_is_the_same_bit_for_bit(int killedBehind)
    {
        var (whole, killed) = (Learn(Defaults), Learn(Defaults, killedBehind: killedBehind));

        Assert.Equal(whole.Weights, killed.Weights);
        Assert.Equal(whole.Losses, killed.Losses);
        Assert.Equal(whole.Steps, killed.Steps);
    }

    private sealed record Learned(List<double> Losses, List<ReactionStep> Steps, string Weights);

    private static Learned Learn(DriftReaction? reaction, bool turns = true, int killedBehind = 0)
    {
        var (losses, steps) = (new List<double>(), new List<ReactionStep>());
        var training = New(Origin.Value, 0);
        for (var nr = 1; nr <= Batches; nr++)
        {
            var batch = training.Apply(nr, Batch(nr, turns && nr > PeacefulBatches));
            losses.Add(batch.Loss);
            steps.Add(batch.Reaction);
            if (nr == killedBehind)
            {
                var checkpoint = ModelArtifact.FromBytes(training.Checkpoint().ToBytes());
                training.Dispose();
                training = New(checkpoint, nr);
            }
        }

        var weights = training.Checkpoint().WeightsHash;
        training.Dispose();
        return new Learned(losses, steps, weights);

        LineageTraining New(ModelArtifact from, long batchNr) =>
            new(
                from,
                new string('a', 64),
                new LineageSettings { Optimizer = Slow, Reaction = reaction },
                batchNr,
                "cpu",
                batchNr == 0 ? LineageStart.Base : LineageStart.Checkpoint
            );
    }

    private static Sample[] Batch(int nr, bool turned) =>
        [
            .. Enumerable
                .Range(nr * BatchSize, BatchSize)
                .Select(k =>
                {
                    var sample = DrawnData.Sample(k);
                    sample.Label = turned ? 1 - sample.Label : sample.Label;
                    return sample;
                }),
        ];
}
