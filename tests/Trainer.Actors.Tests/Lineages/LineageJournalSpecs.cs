using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Calibration;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>A lineage's journal gives its weights: with changes and rollbacks among the batches, from any checkpoint, without anyone.</summary>
public sealed class LineageJournalSpecs : IDisposable
{
    private const int BatchSize = 32;

    private static readonly Lazy<ModelArtifact> Origin = new(() =>
        DrawnData.Trained(DrawnData.Open(), DrawnData.Config("TwoTowerMha", 1, ""), 2)
    );

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-lineage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Killed anywhere, between a change and a checkpoint too: what is done again is done as the first time.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(9)]
    public void Changed_at_work_and_killed_it_goes_on_to_the_same_weights(int checkpointBehind)
    {
        var store = new ArtifactStore(_folder);
        var start = store.Save(Origin.Value);
        var journal = Journal(start, rollBack: null);
        var state = LineageState.Empty("l");
        var whole = Training(Settings());
        ModelArtifact? checkpoint = null;
        foreach (var e in journal.Skip(1))
        {
            Do(whole, e);
            if (e is BatchAccepted batch && batch.BatchNr == checkpointBehind)
            {
                checkpoint = ModelArtifact.FromBytes(whole.Checkpoint().ToBytes());
            }
        }

        foreach (var e in journal)
        {
            state = state.Apply(e);
        }

        state = state.Apply(new LineageCheckpointed { BatchNr = checkpointBehind, Checkpoint = start });
        using var again = new LineageTraining(
            checkpoint!,
            start.Hash,
            state.Tuning.AtCheckpoint!,
            state.CheckpointBatchNr,
            "cpu",
            state.StartsFrom
        );
        foreach (var e in state.StepsSinceCheckpoint)
        {
            Do(again, e);
        }

        Assert.Equal(whole.Checkpoint().WeightsHash, again.Checkpoint().WeightsHash);
        Assert.Equal(whole.Checkpoint().WeightsHash, LineageReplay.Run(journal, store).WeightsHash);
        whole.Dispose();
    }

    /// <summary>What was undone has left nothing behind: neither in the lineage nor in a replay of its journal.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Rolled_back_it_is_as_if_it_had_not_learned_what_followed(int to)
    {
        var store = new ArtifactStore(_folder);
        var start = store.Save(Origin.Value);
        var undone = Journal(start, new LineageRolledBack { BatchNr = 6, ToBatchNr = to });

        using var training = Training(Settings(), Origin.Value);
        var state = LineageState.Empty("l");
        var current = training;
        foreach (var e in undone)
        {
            state = state.Apply(e);
            if (e is BatchAccepted { BatchNr: 3 })
            {
                Do(current, e);
                state = state.Apply(
                    new LineageCheckpointed { BatchNr = 3, Checkpoint = store.Save(current.Checkpoint()) }
                );
            }
            else if (e is LineageRolledBack back)
            {
                var artifact = to == 0 ? start : state.Kept[0].Artifact;
                current = new LineageTraining(
                    store.Load(artifact),
                    start.Hash,
                    state.Settings,
                    back.BatchNr,
                    "cpu",
                    state.StartsFrom
                );
            }
            else
            {
                Do(current, e);
            }
        }

        var weights = current.Checkpoint().WeightsHash;
        current.Dispose();
        Assert.Equal(weights, LineageReplay.Run(undone, store).WeightsHash);
        Assert.NotEqual(weights, LineageReplay.Run(Journal(start, rollBack: null), store).WeightsHash);
    }

    /// <summary>From a checkpoint before the person, or from the start where that is lost, it is the model that never met them.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_person_it_is_as_if_they_had_never_been_in_it(bool hasCheckpoint)
    {
        var store = new ArtifactStore(_folder);
        var start = store.Save(Origin.Value);
        var journal = Journal(start, rollBack: null);
        foreach (var batch in journal.OfType<BatchAccepted>().Where(b => b.BatchNr is 5 or 7))
        {
            (batch.Samples[3].UserId, batch.Samples[9].CandidateId) = ("ann", "ann");
        }

        using var training = Training(Settings());
        foreach (var e in journal.Skip(1).TakeWhile(e => e is not BatchAccepted { BatchNr: 4 }))
        {
            Do(training, e);
        }

        var clean = store.Save(training.Checkpoint());
        journal.Insert(
            journal.FindIndex(e => e is BatchAccepted { BatchNr: 4 }),
            new LineageCheckpointed { BatchNr = 3, Checkpoint = clean }
        );
        journal.Add(
            new LineageCheckpointed
            {
                BatchNr = 10,
                Checkpoint = new ArtifactRef { Hash = "touched" },
            }
        );
        if (!hasCheckpoint)
        {
            File.Delete(Directory.GetFiles(_folder, $"{clean.Hash}*").Single());
        }

        var without = LineageWithout.Run(journal, "ann", store);

        Assert.Equal((4L, 5L, 7L), (without.Samples, without.FirstBatch, without.LastBatch));
        Assert.Equal(hasCheckpoint ? 3 : 0, without.CleanBatch);
        Assert.Equal(new TouchedCheckpoint(10, "touched"), Assert.Single(without.Touched));
        foreach (var batch in journal.OfType<BatchAccepted>().Where(b => b.BatchNr is 5 or 7))
        {
            batch.Samples.RemoveAt(9);
            batch.Samples.RemoveAt(3);
        }

        Assert.Equal(LineageReplay.Run(journal, store).WeightsHash, without.WeightsHash);
        Assert.Equal(0, LineageWithout.Run(journal, "ann", store).Samples);
    }

    private static void Do(LineageTraining training, IEvent e)
    {
        switch (e)
        {
            case BatchAccepted batch:
                training.Apply(batch.BatchNr, batch.Samples);
                break;
            case LineageTuned tuned:
                training.Change(tuned.Settings);
                break;
        }
    }

    /// <summary>Ten batches; another rate behind the fourth, another optimiser behind the sixth, and the first again.</summary>
    private static List<IEvent> Journal(ArtifactRef start, LineageRolledBack? rollBack)
    {
        var journal = new List<IEvent>
        {
            new LineageOpened { Base = start, Settings = Settings() },
        };
        for (var nr = 1; nr <= 10; nr++)
        {
            journal.Add(new BatchAccepted { BatchNr = nr, Samples = { Batch(nr) } });
            var settings = Settings(rate: 0.02f);
            settings.Optimizer.Name = nr == 6 ? "sgd" : "adam";
            if (nr is 4 or 6 or 8)
            {
                journal.Add(
                    new LineageTuned
                    {
                        BatchNr = nr,
                        Settings = settings,
                        Version = nr,
                    }
                );
            }

            if (rollBack?.BatchNr == nr)
            {
                journal.Add(rollBack);
            }
        }

        return journal;
    }

    private static LineageTraining Training(LineageSettings settings, ModelArtifact? from = null) =>
        new(from ?? Origin.Value, new string('a', 64), settings, 0, "cpu");

    private static LineageSettings Settings(float rate = 0.0003f) =>
        new()
        {
            Optimizer = new OptimizerConfig { Name = "adam", LearningRate = rate },
            BatchSize = BatchSize,
            Reaction = ReactionRules.Filled(null),
            StepsBySize = true,
        };

    private static Sample[] Batch(int nr, bool turned = false) =>
        [
            .. Enumerable
                .Range(nr * BatchSize, BatchSize)
                .Select(k =>
                {
                    var sample = DrawnData.Sample(k).Clone();
                    sample.Label = turned ? 1 - sample.Label : sample.Label;
                    return sample;
                }),
        ];
}
