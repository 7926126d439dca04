using Ralm.Drift.TestThenTrain;
using Xunit;

namespace Ralm.Drift.Tests.TestThenTrain;

/// <summary>Test, then train: learned in one pass, noticed when it changes, and the same every time.</summary>
public sealed class StreamLearnerSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_can_be_learned_is_learned(bool isCurved)
    {
        var stream = new PlantedStream(12_000, IsCurved: isCurved);

        var served = stream.Served(stream.Started());

        Assert.InRange(stream.Accuracy(served, 8_000, 12_000), PlantedStream.Best - 0.03, 1);
    }

    [Fact]
    public void A_flip_is_noticed_and_learned_anew_and_the_frozen_base_is_lost()
    {
        var stream = new PlantedStream(12_000, FlipsAt: 6_000);
        var learner = stream.Started();

        var served = stream.Served(learner);

        Assert.InRange(learner.Alarms, 1, 2);
        Assert.InRange(stream.Accuracy(served, 5_000, 6_000), PlantedStream.Best - 0.03, 1);
        Assert.InRange(stream.Accuracy(served, 6_500, 7_500), PlantedStream.Best - 0.04, 1);
        Assert.InRange(learner.Served.Accuracy, learner.Frozen.Accuracy + 0.3, 1);
    }

    /// <summary>A copy is served only when it was better on the same rows beyond chance.</summary>
    [Fact]
    public void A_reaction_that_wins_is_served()
    {
        var stream = new PlantedStream(12_000, IsCurved: true, MovesAt: 6_000);
        var learner = stream.Started();

        stream.Served(learner);

        Assert.Equal((1, 1), (learner.Alarms, learner.Reactions));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(42)]
    public void In_peace_nothing_is_told(int seed)
    {
        var stream = new PlantedStream(20_000, (ulong)seed);
        var learner = stream.Started();

        stream.Served(learner);

        Assert.Equal((0, 0), (learner.Alarms, learner.Reactions));
        Assert.InRange(learner.Served.Accuracy, learner.Frozen.Accuracy - 0.005, 1);
    }

    [Fact]
    public void The_same_rows_and_seed_give_the_same_bits()
    {
        var stream = new PlantedStream(3_000, FlipsAt: 1_500);

        var served = stream.Served(stream.Started());

        Assert.Equal(served, stream.Served(stream.Started()));
        Assert.NotEqual(served, stream.Served(stream.Started(seed: 2)));
    }

    /// <summary>What comes later is not known.</summary>
    [Fact]
    public void A_row_is_scored_before_its_label_is_known()
    {
        var (stream, flipped) = (new PlantedStream(2_001), new PlantedStream(2_001, FlipsAt: 2_000));

        Assert.NotEqual(stream.Label(2_000), flipped.Label(2_000));
        Assert.Equal(stream.Served(stream.Started()), flipped.Served(flipped.Started()));
    }

    /// <summary>Whatever a table holds, a probability comes of it: numbers that are missing, never move, jump or are huge.</summary>
    [Fact]
    public void Any_number_is_learned_from()
    {
        var stream = new PlantedStream(4_000);
        double[] Odd(int at)
        {
            var row = stream.Row(at);
            row[4] = at < 2_000 ? 3 : at % 2 * 1e15;
            row[5] = at % 7 == 0 ? double.NaN : -1e-300 * at;
            return row;
        }

        int[] first = [.. Enumerable.Range(0, PlantedStream.First)];
        var learner = new StreamLearner(
            [.. first.Select(Odd)],
            [.. first.Select(stream.Label)],
            PlantedStream.Numbers,
            2 * PlantedStream.Numbers,
            seed: 1
        );
        for (var at = PlantedStream.First; at < stream.Rows; at++)
        {
            Assert.InRange(learner.Next(Odd(at), stream.Label(at)), 0, 1);
        }

        Assert.InRange(learner.Served.Accuracy, 0.88, 1);
    }
}
