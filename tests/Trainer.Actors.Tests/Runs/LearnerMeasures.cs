using System.Diagnostics;
using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Networks;
using Ralm.Models.Training;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// Where the time of a training step goes, without actors. Figures, not verdicts; run by hand:
/// <c>Trainer.Actors.Tests -explicit only -class "*LearnerMeasures" -showliveoutput</c>.
/// </summary>
public sealed class LearnerMeasures(ITestOutputHelper output)
{
    private const int Batch = 512;
    private const int Rows = 50_000;
    private const int Users = 20_000;
    private const int Width = 64;
    private const int Turns = 150;

    private static readonly int[] Places = [.. Enumerable.Range(0, Batch)];

    [Theory(Explicit = true)]
    [InlineData("TwoTowerMha", 1_000)]
    [InlineData("Ralm", 500)]
    [InlineData("Ralm", 5_000)]
    public void A_step_of_the_ranking(string model, int candidates)
    {
        var data = Open(candidates);
        using var learner = Learner(model, data);
        var batches = new DatasetBatches(data, learner);
        var probabilities = new float[Batch];

        var refresh = Time(batches.Refresh, 5);
        var gather = Time(() => batches.Gather(Split.Train, Places));
        var forward = Time(() => learner.Score(Batch, probabilities));
        var both = Time(() => learner.Backward(Batch, 7));
        var step = Time(() => learner.Step());

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{model}, {data.Audiences.Count / candidates} seeds a candidate: {Batch / (gather + both + step) * 1_000:N0} "
                    + $"rows/s; gather {gather:F2} ms, forward {forward:F2}, backward {both - forward:F2}, step {step:F2}; "
                    + $"once an epoch {refresh:F0}"
            )
        );
    }

    [Fact(Explicit = true)]
    public void A_step_of_the_representation()
    {
        var data = Open(1_000);
        using var learner = Learner("Ralm", data);
        var batches = new RepresentationBatches(data, negatives: 10);

        var both = Time(() => batches.Backward(learner, Places, 7));
        var step = Time(() => learner.Step());

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"representation: {Batch / (both + step) * 1_000:N0} rows/s; gradient {both:F2} ms, step {step:F2}"
            )
        );
    }

    private static Learner Learner(string model, PreparedDataset data)
    {
        var config = ConfigRules.Complete(new TrainingConfig { Model = new ModelConfig { Model = model } });
        var learner = new Learner(config.Model, config.Optimizer, InputShape.Of(data), "cpu");
        learner.Initialise(3);
        return learner;
    }

    /// <summary>The quickest of many, in ms: whatever else the machine does lengthens the others.</summary>
    private static double Time(Action action, int turns = Turns)
    {
        var quickest = double.MaxValue;
        for (var k = 0; k < turns; k++)
        {
            var started = Stopwatch.GetTimestamp();
            action();
            quickest = Math.Min(quickest, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return quickest;
    }

    /// <summary>64 numbers a side; half of all rows are responses.</summary>
    private static PreparedDataset Open(int candidates) =>
        new(
            new DatasetMeta(
                "measured",
                PlantedData.Hash,
                "",
                Rows,
                Users,
                candidates,
                Width,
                Width,
                0,
                Rows - Batch,
                Batch,
                0,
                0.5
            ),
            null,
            Numbers(Users * Width, 1),
            Numbers(candidates * Width, 2),
            [],
            [.. Enumerable.Range(0, Rows).Select(k => (int)(RandomStream.Uniform(3, k) * Users))],
            [.. Enumerable.Range(0, Rows).Select(k => (int)(RandomStream.Uniform(4, k) * candidates))],
            [.. Enumerable.Range(0, Rows).Select(k => (float)(k % 2))],
            [.. Enumerable.Range(0, Rows).Select(k => k < Rows - Batch ? Split.Train : Split.Valid)]
        );

    private static float[] Numbers(int count, ulong seed) =>
        [.. Enumerable.Range(0, count).Select(k => RandomStream.Uniform(seed, k) - 0.5f)];
}
