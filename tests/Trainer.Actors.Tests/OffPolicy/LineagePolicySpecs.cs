using Ralm.Models.Artifacts;
using Ralm.Models.OffPolicy;
using Ralm.Models.Training;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Calibration;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.OffPolicy;

/// <summary>A lineage asked about decisions scores by the weights that were served at that moment of its journal.</summary>
public sealed class LineagePolicySpecs : IDisposable
{
    private const int BatchSize = 16;

    private static readonly Lazy<ModelArtifact> Origin = new(() =>
        DrawnData.Trained(DrawnData.Open(), DrawnData.Config("TwoTowerMha", 1, ""), 2)
    );

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-policy-").FullName;
    private readonly ArtifactStore _store;
    private readonly LineageOpened _opened;

    public LineagePolicySpecs()
    {
        _store = new ArtifactStore(_folder);
        _opened = new LineageOpened
        {
            Family = "city",
            VersionId = "v-1",
            Base = _store.Save(Origin.Value),
            Settings = new LineageSettings
            {
                Optimizer = new OptimizerConfig { Name = "adam", LearningRate = 0.01f },
                BatchSize = BatchSize,
                CheckpointEvery = 3,
            },
        };
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Behind_each_batch_it_scores_as_the_lineage_served_then()
    {
        using var policy = new LineagePolicy(AskedLineage.Of(_opened), _store);
        using var version = new FixedPolicy(_opened.Base, _store);
        Assert.Equal(version.Score("u", Decision), policy.Score("u", Decision));

        policy.Hear(Batch(1));
        Assert.Equal(Expected(_opened.Settings, 1), policy.Score("u", Decision));
        policy.Hear(Batch(2));
        Assert.Equal(Expected(_opened.Settings, 1, 2), policy.Score("u", Decision));
        Assert.Equal(2, policy.Published);
    }

    /// <summary>Of three batches two are in the checkpoint: no more was served by a release that served nothing else.</summary>
    [Fact]
    public void One_that_served_checkpoints_alone_scores_behind_a_checkpoint_as_that_does()
    {
        using var policy = new LineagePolicy(AskedLineage.Of(Old), _store);
        foreach (var batch in Enumerable.Range(1, 3))
        {
            policy.Hear(Batch(batch));
        }

        Assert.Equal(0, policy.Published);
        policy.Hear(new LineageCheckpointed { BatchNr = 2 });
        Assert.Equal(Expected(_opened.Settings, 1, 2), policy.Score("u", Decision));
        policy.Hear(new LineageCheckpointed { BatchNr = 3 });
        Assert.Equal(Expected(_opened.Settings, 1, 2, 3), policy.Score("u", Decision));
    }

    [Fact]
    public void A_batch_that_was_set_aside_is_not_learned()
    {
        using var policy = new LineagePolicy(AskedLineage.Of(Old), _store);
        policy.Hear(Batch(1));
        policy.Hear(Batch(2));
        policy.Hear(new BatchSetAside { BatchNr = 2 });
        policy.Hear(new LineageCheckpointed { BatchNr = 2 });

        Assert.Equal(Expected(_opened.Settings, 1), policy.Score("u", Decision));
    }

    [Fact]
    public void Changed_at_work_it_changes_where_the_journal_says_so_and_with_other_settings_it_does_not()
    {
        var faster = _opened.Settings.Clone();
        faster.Optimizer.LearningRate = 0.05f;
        using var own = new LineagePolicy(AskedLineage.Of(_opened), _store);
        using var other = new LineagePolicy(Settings(("learning_rate", "0.01")), _store);
        foreach (var policy in new[] { own, other })
        {
            policy.Hear(new LineageTuned { BatchNr = 0, Settings = faster });
            policy.Hear(Batch(1));
        }

        Assert.Equal(Expected(faster, 1), own.Score("u", Decision));
        Assert.Equal(Expected(_opened.Settings, 1), other.Score("u", Decision));
    }

    [Fact]
    public void Rolled_back_it_scores_as_before()
    {
        using var policy = new LineagePolicy(AskedLineage.Of(_opened), _store);
        using var version = new FixedPolicy(_opened.Base, _store);
        policy.Hear(Batch(1));
        policy.Hear(new LineageRolledBack { BatchNr = 1, To = _opened.Base });

        Assert.Equal(version.Score("u", Decision), policy.Score("u", Decision));
        policy.Hear(Batch(2));
        Assert.Equal(2, policy.BatchNr);
        Assert.Equal(Expected(_opened.Settings, 2), policy.Score("u", Decision));
    }

    [Fact]
    public void With_another_rate_it_is_another_policy()
    {
        var faster = _opened.Settings.Clone();
        faster.Optimizer.LearningRate = 0.05f;
        using var policy = new LineagePolicy(Settings(("learning_rate", "0.05")), _store);
        policy.Hear(Batch(1));

        Assert.Equal(Expected(faster, 1), policy.Score("u", Decision));
        Assert.NotEqual(Expected(_opened.Settings, 1), policy.Score("u", Decision));
    }

    [Fact]
    public void Of_another_size_batches_are_filled_from_the_same_samples()
    {
        using var policy = new LineagePolicy(Settings(("batch_size", "24")), _store);
        foreach (var batch in Enumerable.Range(1, 4))
        {
            policy.Hear(Batch(batch));
        }

        // 64 samples: two batches of 24, and 16 that wait.
        Assert.Equal((2, 2), (policy.BatchNr, policy.Published));
    }

    [Theory]
    [InlineData("rate", "1", "setting", "rate")]
    [InlineData("learning_rate", "fast", "learning_rate", "fast")]
    [InlineData("learning_rate", "NaN", "learning_rate", "NaN")]
    [InlineData("learning_rate", "2", "optimizer.learning_rate", "2")]
    [InlineData("batch_size", "1.5", "batch_size", "2147483647")]
    [InlineData("batch_size", "5000", "batch_size", "5000")]
    [InlineData("reaction", "sometimes", "reaction.detector (detector)", "sometimes")]
    [InlineData("rate_factor", "0", "reaction.rate_factor", "0")]
    public void A_setting_that_cannot_be_is_refused_by_name(string name, string text, string field, string value)
    {
        var (asked, rejection) = OtherSettings.Of(
            _opened,
            new Dictionary<string, string>(StringComparer.Ordinal) { [name] = text }
        );

        Assert.Null(asked);
        Assert.Equal((field, value), (rejection!.Field, rejection.Value));
        Assert.StartsWith("must", rejection.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_settings_it_is_the_lineage_that_was_opened() =>
        Assert.Equal(
            AskedLineage.Of(_opened),
            OtherSettings.Of(_opened, new Dictionary<string, string>(StringComparer.Ordinal)).Asked
        );

    [Fact]
    public void A_reaction_is_taken_away_and_given()
    {
        Assert.Equal("none", Settings(("learning_rate", "0.1")).Settings.Reaction.Detector);
        Assert.Equal("adwin", Settings(("reaction", "adwin")).Settings.Reaction.Detector);
        Assert.Equal(8, Settings(("reaction", "adwin")).Settings.Reaction.Replays);
    }

    /// <summary>As a release wrote it that published no weights.</summary>
    private LineageOpened Old =>
        new(_opened)
        {
            Settings = null,
            Optimizer = _opened.Settings.Optimizer,
            BatchSize = _opened.Settings.BatchSize,
        };

    private AskedLineage Settings(params (string Name, string Value)[] settings) =>
        OtherSettings.Of(_opened, settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal)).Asked!;

    private static float[] Expected(LineageSettings settings, params int[] batches)
    {
        using var training = new LineageTraining(Origin.Value, new string('a', 64), settings, 0, "cpu");
        foreach (var batch in batches)
        {
            training.Apply(training.BatchNr + 1, Batch(batch).Samples);
        }

        using var policy = new FixedPolicy(training.Checkpoint(), "cpu");
        return policy.Score("u", Decision);
    }

    private static BatchAccepted Batch(int nr) =>
        new() { BatchNr = nr, Samples = { Enumerable.Range(nr * BatchSize, BatchSize).Select(DrawnData.Sample) } };

    private static LoggedDecision Decision { get; } =
        new()
        {
            User = DrawnData.Sample(0).User,
            Candidates =
            {
                Enumerable
                    .Range(0, 6)
                    .Select(DrawnData.Sample)
                    .Select(s => new LoggedCandidate
                    {
                        CandidateId = s.CandidateId,
                        Features = s.Candidate,
                        Context = s.Context,
                    }),
            },
        };
}
