using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>One node with two versions, trained over REST on a small town's tables, and one of other data.</summary>
public sealed class TrainedNode : IAsyncLifetime
{
    public const string Family = "town";

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-town-").FullName;
    private int _commands;

    public TestNode Node { get; private set; } = null!;

    private string NodeFolder => Directory.CreateDirectory(Path.Combine(_folder, "node")).FullName;

    public async ValueTask InitializeAsync()
    {
        Node = await (await TestNode.Start(folder: NodeFolder)).Ready();
        var town = Prepare("town", 3_000, 0.2);
        await Train("good", town, epochs: 4);
        await Train("hasty", town, epochs: 1, learningRate: 0.00001f);
        await Train("untested", Prepare("village", 600, 0), epochs: 1);
    }

    /// <summary>The node ends, and another one starts on what it has left.</summary>
    public async Task Restart(Action whileItIsDown)
    {
        await Begin(whileItIsDown);
        await Node.Ready();
    }

    /// <summary>The same, and it is not waited for.</summary>
    public async Task Begin(Action whileItIsDown)
    {
        await Node.DisposeAsync();
        whileItIsDown();
        Node = await TestNode.Start(folder: NodeFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<HttpResponseMessage> Get(string path) =>
        await Node.Client.GetAsync(new Uri(path, UriKind.Relative));

    public async Task<T> Get<T>(string path)
        where T : IMessage<T>, new()
    {
        using var answer = await Get(path);
        return await Read<T>(answer);
    }

    public async Task<T> Post<T>(string path, IMessage message)
        where T : IMessage<T>, new()
    {
        if (message.Descriptor.FindFieldByName("header") is { } header)
        {
            header.Accessor.SetValue(message, new CommandHeader { CommandId = $"c-{_commands++}" });
        }

        using var content = new StringContent(
            JsonFormatter.Default.Format(message),
            new MediaTypeHeaderValue("application/json")
        );
        using var answer = await Node.Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await Read<T>(answer);
    }

    /// <summary>A search on the town's data, over two parameters; returns once its best is registered.</summary>
    public async Task Study(string id, int trials, string family = Family)
    {
        var town = await Get<TrainingRunReply>("/training/runs/run-good");
        var config = town.Config.Clone();
        config.MaxEpochs = 1;
        var start = new StartStudy
        {
            StudyId = id,
            Definition = new StudyDefinition
            {
                DatasetPath = town.DatasetPath,
                DatasetHash = town.DatasetHash,
                Config = config,
                Parameters =
                {
                    new SearchParameter
                    {
                        Path = "optimizer.learning_rate",
                        Continuous = new ContinuousRange
                        {
                            Low = 1e-4,
                            High = 1e-1,
                            Log = true,
                        },
                    },
                    new SearchParameter
                    {
                        Path = "model.hidden_dim",
                        Integer = new IntegerRange { Low = 8, High = 32 },
                    },
                },
                Method = SearchMethod.Random,
                Trials = trials,
                Family = family,
            },
        };
        await Post<CommandReply>("/training/studies", start);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (!(await Get<StudyReply>($"/training/studies/{id}")).Registered)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>What a refused request is answered with.</summary>
    public async Task<(int Status, string Body)> Refused(string path, string body)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await Node.Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<T> Read<T>(HttpResponseMessage answer)
        where T : IMessage<T>, new()
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return Parser.Parse<T>(body);
    }

    private async Task Train(string version, PreparedDatasetInfo data, int epochs, float learningRate = 0.005f)
    {
        var start = new StartTraining
        {
            RunId = $"run-{version}",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = Family,
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
        await Post<CommandReply>("/training/runs", start);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (!(await Get<TrainingRunReply>($"/training/runs/{start.RunId}")).Registered)
        {
            await Task.Delay(50, patience.Token);
        }
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
