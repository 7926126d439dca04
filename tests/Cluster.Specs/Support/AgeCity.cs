using System.Globalization;
using Ralm.Datasets.Preparation;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>People who like those of about their own age, as tables in a folder, prepared for training.</summary>
internal static class AgeCity
{
    /// <param name="candidates">The first so many people are candidates: users × candidates rows.</param>
    public static PreparedDatasetInfo Prepare(string folder, int users, int candidates)
    {
        Directory.CreateDirectory(folder);
        using (var people = File.CreateText(Path.Combine(folder, "users.csv")))
        {
            people.WriteLine("user_id,age");
            for (var u = 0; u < users; u++)
            {
                people.WriteLine(string.Create(CultureInfo.InvariantCulture, $"user-{u},{20 + Age(u)}"));
            }
        }

        using (var interactions = File.CreateText(Path.Combine(folder, "interactions.csv")))
        {
            interactions.WriteLine("user_id,candidate_id,match");
            for (var u = 0; u < users; u++)
            {
                for (var c = 0; c < candidates; c++)
                {
                    var label = Math.Abs(Age(u) - Age(c)) < 12 ? 1 : 0;
                    interactions.WriteLine(string.Create(CultureInfo.InvariantCulture, $"user-{u},user-{c},{label}"));
                }
            }
        }

        var description = Path.Combine(folder, "city.json");
        File.WriteAllText(
            description,
            """
            {
              "name": "city",
              "users": { "file": "users.csv", "key": "user_id", "columns": { "age": { "type": "number" } } },
              "interactions": {
                "file": "interactions.csv", "user": "user_id", "candidate": "candidate_id", "label": "match"
              },
              "split": { "rule": "random", "valid": 0.2, "test": 0.1, "seed": 1 }
            }
            """
        );
        return DatasetPreparation.Prepare(
            description,
            Path.Combine(folder, "prepared"),
            new PreparationOptions(),
            null,
            CancellationToken.None
        );
    }

    /// <summary>Trains a small model the way an owner does; returns when its version is registered.</summary>
    public static async Task<TrainingRunReply> Train(
        HostProcess host,
        PreparedDatasetInfo data,
        string versionId,
        ulong seed = 1
    )
    {
        var start = new StartTraining
        {
            Header = new CommandHeader { CommandId = $"train-{versionId}" },
            RunId = $"run-{versionId}",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = "city",
            VersionId = versionId,
            Config = new TrainingConfig { MaxEpochs = 1, RandomSeed = seed },
        };
        await host.Accepted("/training/runs", start);
        var run = new TrainingRunReply();
        await Eventually.Is(async () =>
        {
            run = await host.Get<TrainingRunReply>($"/training/runs/{start.RunId}");
            Assert.False(run.Status is RunStatus.Failed, run.Reason);
            return run.Status is RunStatus.Completed && run.Registered;
        });
        return run;
    }

    /// <summary>Somebody of that age, for scores and interactions.</summary>
    public static Features Person(double years) =>
        new()
        {
            Items =
            {
                new Feature { Name = "age", Number = years },
            },
        };

    private static int Age(int person) => person * 7 % 40;
}
