using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ralm.Models.Artifacts;
using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Actors.Tests.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>Online learning of a model with seeds sees what the score was made of, and nothing else.</summary>
public sealed class LookAlikeSpecs : IDisposable
{
    private const int BatchSize = 16;
    private static readonly Lazy<TrainedSeeds> Model = new(TrainedSeeds.Train);
    private static readonly LineageSettings Settings = new()
    {
        Optimizer = new OptimizerConfig
        {
            Name = "adam",
            LearningRate = 0.01f,
            WeightDecay = 0.1f,
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-look-alike-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_loss_before_learning_is_the_loss_of_the_scores_that_were_served()
    {
        var (samples, scores) = Stream(Model.Value.Artifact, BatchSize);
        using var training = Training(Model.Value.Artifact);

        var (loss, rows, passedOver, _, _, _, _) = training.Apply(1, samples);

        Assert.Equal((BatchSize, 0), (rows, passedOver));
        Assert.Equal(samples.Zip(scores, (s, p) => -Math.Log(s.Label == 1 ? p : 1 - p)).Average(), loss, 1e-5);
        // It is not the loss of scores without seeds.
        using var blind = Training(Model.Value.Artifact);
        Assert.True(Math.Abs(blind.Apply(1, Without(samples)).Loss - loss) > 0.1);
    }

    [Fact]
    public void Weights_computed_anew_from_the_journal_are_the_same_bit_for_bit()
    {
        var store = new ArtifactStore(_folder);
        var start = store.Save(Model.Value.Artifact);
        var (samples, _) = Stream(Model.Value.Artifact, 6 * BatchSize);
        Sample[][] batches = [.. samples.Chunk(BatchSize)];

        var training = Training(Model.Value.Artifact);
        for (var nr = 1; nr <= batches.Length; nr++)
        {
            training.Apply(nr, batches[nr - 1]);
            if (nr == 3)
            {
                // Killed, and gone on from the checkpoint.
                var checkpoint = store.Load(store.Save(training.Checkpoint()));
                training.Dispose();
                training = new LineageTraining(checkpoint, start.Hash, Settings, 3, "cpu", LineageStart.Checkpoint);
            }
        }

        var weights = training.Checkpoint().WeightsHash;
        training.Dispose();
        var journal = new List<IEvent>
        {
            new LineageOpened { Base = start, Settings = Settings },
        };
        journal.AddRange(batches.Select((b, k) => new BatchAccepted { BatchNr = k + 1, Samples = { b } }));
        Assert.Equal(weights, LineageReplay.Run(journal, store).WeightsHash);
        // And what was shown is part of it.
        journal[^1] = new BatchAccepted { BatchNr = batches.Length, Samples = { Without(batches[^1]) } };
        Assert.NotEqual(weights, LineageReplay.Run(journal, store).WeightsHash);
    }

    [Fact]
    public void Only_the_ranking_is_learned_so_that_what_was_shown_means_the_same_later()
    {
        using var before = new ServingModel(Model.Value.Artifact, "cpu");
        using var training = Training(Model.Value.Artifact);
        training.Apply(1, Stream(Model.Value.Artifact, BatchSize).Samples);
        var learned = training.Checkpoint();
        using var after = new ServingModel(learned, "cpu");

        Assert.Equal(before.LookAlikeTag, after.LookAlikeTag);
        Assert.NotEqual(Model.Value.Artifact.WeightsHash, learned.WeightsHash);
        var (old, renewed) = (Stream(Model.Value.Artifact, 40), Stream(learned, 40));
        Assert.Equal(old.Samples.Select(s => s.LookAlike), renewed.Samples.Select(s => s.LookAlike));
        Assert.NotEqual(old.Scores, renewed.Scores);
    }

    [Fact]
    public void What_another_model_made_of_seeds_counts_as_no_seeds()
    {
        var (samples, _) = Stream(Model.Value.Artifact, BatchSize);
        var foreign = samples.Select(s => s.Clone()).ToArray();
        foreach (var sample in foreign.Where(s => !s.LookAlike.IsEmpty))
        {
            byte[] bytes = sample.LookAlike.ToByteArray();
            bytes[0] ^= 1;
            sample.LookAlike = ByteString.CopyFrom(bytes);
        }

        using var one = Training(Model.Value.Artifact);
        using var two = Training(Model.Value.Artifact);
        using var three = Training(Model.Value.Artifact);
        foreach (var sample in samples)
        {
            sample.LookAlike = ByteString.CopyFrom(1, 2, 3);
        }

        Assert.Equal(one.Apply(1, Without(foreign)), two.Apply(1, foreign));
        Assert.Equal(one.Checkpoint().WeightsHash, two.Checkpoint().WeightsHash);
        three.Apply(1, samples);
        Assert.Equal(one.Checkpoint().WeightsHash, three.Checkpoint().WeightsHash);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(1e30f)]
    [InlineData(-8.1f)]
    public void Numbers_that_no_score_gives_pass_the_sample_over(float number)
    {
        var (samples, _) = Stream(Model.Value.Artifact, BatchSize);
        byte[] bytes = samples[0].LookAlike.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(8), number);
        samples[0].LookAlike = ByteString.CopyFrom(bytes);
        using var training = Training(Model.Value.Artifact);

        var outcome = training.Apply(1, samples);

        Assert.Equal((BatchSize - 1, 1, null), (outcome.Rows, outcome.PassedOver, outcome.Diverged));
    }

    [Fact]
    public void What_scores_give_is_far_within_the_bounds_of_the_endpoint()
    {
        var (samples, _) = Stream(Model.Value.Artifact, 40);

        foreach (var bytes in samples.Where(s => !s.LookAlike.IsEmpty).Select(s => s.LookAlike.ToByteArray()))
        {
            var numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
                bytes.AsSpan(LookAlikeForm.TagBytes)
            );
            Assert.All(numbers.ToArray(), n => Assert.InRange(n, -3.01f, 3.01f));
        }
    }

    private static LineageTraining Training(ModelArtifact artifact) => new(artifact, "base", Settings, 0, "cpu");

    private static Sample[] Without(IEnumerable<Sample> samples) =>
        [
            .. samples.Select(s =>
            {
                var blind = s.Clone();
                blind.LookAlike = ByteString.Empty;
                return blind;
            }),
        ];

    /// <summary>Scored as a node scores, and sent back as a service sends it.</summary>
    private static (Sample[] Samples, float[] Scores) Stream(ModelArtifact artifact, int count)
    {
        using var model = new ServingModel(artifact, "cpu");
        var (samples, scores) = (new Sample[count], new float[count]);
        for (var k = 0; k < count; k++)
        {
            var taste = (k / 3) % 4;
            var fans = Enumerable
                .Range(0, 3 + (k % 5))
                .Select(n => new Seed
                {
                    UserId = SeededData.User(100 + taste + (4 * n)),
                    Features = SeededData.Profile(100 + taste + (4 * n)),
                    At = new Timestamp { Seconds = n },
                });
            var seeds = LiveSeeds.Of(8, 6, 1, model.Represent([.. fans]));
            var request = SeededData.Request(k, $"r-{k}", "star");
            var scored = model.Score(request, new RequestSeeds([seeds], null))[0];
            scores[k] = scored.Score;
            samples[k] = new Sample
            {
                InteractionId = $"i-{k}",
                UserId = request.UserId,
                CandidateId = "star",
                User = request.User,
                Candidate = request.Candidates[0].Features,
                Context = request.Candidates[0].Context,
                Label = k % 4 == taste ? 1 : 0,
                LookAlike = scored.LookAlike,
            };
        }

        return (samples, scores);
    }
}
