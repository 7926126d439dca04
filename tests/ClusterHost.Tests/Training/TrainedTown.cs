using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>
/// What a node leaves behind on which two versions were trained over REST on a small town's tables, and one of other data.
/// It is trained at first use and once: every <see cref="TrainedNode"/> goes on with a copy.
/// </summary>
public sealed class TrainedTown : IDisposable
{
    private const string Database = "ralm.db";

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-town-").FullName;
    private readonly Lazy<Task> _trained;

    public TrainedTown() => _trained = new Lazy<Task>(Train);

    private string NodeFolder => Path.Combine(_folder, "node");

    /// <param name="folder">There is nothing in it yet.</param>
    public async Task CopyTo(string folder)
    {
        await _trained.Value;
        foreach (var file in Directory.EnumerateFiles(NodeFolder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(NodeFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>One file, without a log beside it that would vanish while it is copied.</summary>
    private static async Task Close(string file)
    {
        SqliteConnection.ClearAllPools();
        await using var database = new SqliteConnection($"Data Source={file};Pooling=False");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = DELETE";
        if (await command.ExecuteScalarAsync() is not "delete")
        {
            throw new InvalidOperationException($"{file} is still in use");
        }
    }

    private async Task Train()
    {
        await using (
            var node = await (await TestNode.Start(folder: Directory.CreateDirectory(NodeFolder).FullName)).Ready()
        )
        {
            var town = Prepare("town", 3_000, 0.2);
            await Train(node, "good", town, epochs: 4);
            await Train(node, "hasty", town, epochs: 1, learningRate: 0.00001f);
            await Train(node, "untested", Prepare("village", 600, 0), epochs: 1);
        }

        await Close(Path.Combine(NodeFolder, Database));
    }

    private static async Task Train(
        TestNode node,
        string version,
        PreparedDatasetInfo data,
        int epochs,
        float learningRate = 0.005f
    )
    {
        var start = new StartTraining
        {
            RunId = $"run-{version}",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = TrainedNode.Family,
            VersionId = version,
            Config = new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = "TwoTowerMha",
                    TowerDim = 16,
                    HiddenDim = 32,
                    Heads = 2,
                },
                Optimizer = new OptimizerConfig { LearningRate = learningRate },
                BatchSize = 64,
                MaxEpochs = epochs,
            },
        };
        await node.Post<CommandReply>("/training/runs", start);
        await node.Until<TrainingRunReply>($"/training/runs/{start.RunId}", run => run.Registered);
    }

    /// <summary>Who is near in age and of the same town likes more often.</summary>
    private PreparedDatasetInfo Prepare(string name, int rows, double test)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var random = new Random(5);
        string[] towns = ["north", "south", "east"];
        var ages = Enumerable.Range(0, 80).Select(_ => random.Next(18, 60)).ToArray();
        var people = new StringBuilder("id,age,town\n");
        for (var p = 0; p < ages.Length; p++)
        {
            people.Append(CultureInfo.InvariantCulture, $"p{p},{ages[p]},{towns[p % 3]}\n");
        }

        var likes = new StringBuilder("who,whom,hour,liked\n");
        for (var k = 0; k < rows; k++)
        {
            var (u, c) = (random.Next(ages.Length), random.Next(ages.Length));
            var chance = (u % 3 == c % 3 ? 0.7 : 0.2) - (Math.Abs(ages[u] - ages[c]) / 100.0);
            likes.Append(
                CultureInfo.InvariantCulture,
                $"p{u},p{c},{random.Next(24)},{(random.NextDouble() < chance ? 1 : 0)}\n"
            );
        }

        File.WriteAllText(Path.Combine(folder, "people.csv"), people.ToString());
        File.WriteAllText(Path.Combine(folder, "likes.csv"), likes.ToString());
        File.WriteAllText(
            Path.Combine(folder, "dataset.json"),
            $$"""
            { "name": "{{name}}",
              "users": { "file": "people.csv", "key": "id",
                         "columns": { "age": { "type": "number" }, "town": { "type": "category" } } },
              "interactions": { "file": "likes.csv", "user": "who", "candidate": "whom", "label": "liked",
                                "columns": { "hour": { "type": "number" } } },
              "split": { "valid": 0.2, "test": {{test.ToString(CultureInfo.InvariantCulture)}} } }
            """
        );
        return DatasetPreparation.Prepare(
            Path.Combine(folder, "dataset.json"),
            Path.Combine(folder, "prepared"),
            new PreparationOptions(),
            null,
            CancellationToken.None
        );
    }
}
