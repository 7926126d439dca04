using System.Globalization;
using System.Text;
using Google.Protobuf;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>
/// One node with a champion of every model, trained over REST on tables with every kind of column and of pair, and with one
/// more on tables whose candidates are known by their ids alone.
/// </summary>
public sealed class EveryKindNode : IAsyncLifetime
{
    /// <summary>The family whose candidates are things.</summary>
    public const string Things = "things";

    private const int People = 60;
    private const int Rows = 1_500;

    private static readonly string[] Words = ["Reader", "of", "books", "İstanbul", "Straße", "3000", "jazz", "ΣΑΣ"];
    private static readonly string[] Tags = ["tea", "jazz", "run", "chess", "sea", "art", "film", "dogs"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-kinds-").FullName;

    public TestNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Node = await (
            await TestNode.Start(folder: Directory.CreateDirectory(Path.Combine(_folder, "node")).FullName)
        ).Ready();
        Write();
        var people = Prepare("people", PeopleDescription);
        var things = Prepare(Things, ThingsDescription);
        await Task.WhenAll(
            Train("LogisticRegression", people, c => c.Calibration = "isotonic"),
            Train("TwoTowerMha", people, c => (c.PositiveWeight, c.Calibration) = (4, "platt")),
            Train("MeanPooledSeeds", people, c => c.PositiveWeight = 4),
            Train("Ralm", people, c => (c.PositiveWeight, c.Calibration) = (-1, "isotonic")),
            Train("Ralm", things, _ => { }, Things)
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    public Task<T> Get<T>(string path)
        where T : IMessage<T>, new() => Node.Get<T>(path);

    public Task<T> Post<T>(string path, IMessage message)
        where T : IMessage<T>, new() => Node.Post<T>(path, message);

    /// <summary>
    /// A person with every kind of value; some lack some, some have what no training row had (those from 60 on are in none),
    /// and some have lists that are empty.
    /// </summary>
    /// <param name="complete">Lacks nothing.</param>
    public static Features Person(int k, bool complete = false)
    {
        var person = new Features();
        void Add(string name, Feature value)
        {
            value.Name = name;
            if (complete || (k + person.CalculateSize()) % 11 != 3)
            {
                person.Items.Add(value);
            }
        }

        Add("age", new Feature { Number = 18 + (k * 7 % 50) });
        Add(
            "income",
            new Feature
            {
                Number =
                    k < 100 ? 900.5 + (k * k * 13 % 4_000)
                    : k % 2 == 0 ? 1_000_000
                    : -5,
            }
        );
        Add(
            "visits",
            new Feature
            {
                Number =
                    k % 5 == 0 ? 1_000_000
                    : k % 7 == 0 ? -3
                    : Math.Pow(k % 9, 3),
            }
        );
        Add("town", new Feature { Text = k % 6 == 5 ? "nowhere" : ((string[])["north", "south", "east"])[k % 3] });
        Add("job", new Feature { Text = $"Job number {k % 13}, of a name longer than thirty-two bytes" });
        Add("bio", new Feature { Text = Bio(k) });
        Add("likes", Texts(k % 8 == 7 ? [] : [Tags[k % 8], Tags[k % 8], Tags[k * 3 % 8], $"rare-{k}"]));
        Add(
            "taste",
            Texts(k % 9 == 8 ? ["never seen"] : [Tags[k % 8], Tags[(k + 1) % 8], Tags[(k + 1) % 8], Tags[k * 5 % 8]])
        );
        Add("places", Texts([.. Enumerable.Range(0, 1 + (k % 6)).Select(n => $"place-{k * n % 10}"), "place-1"]));
        Add("born", new Feature { Number = -400_000_000.0 + (k * 11_234_567.0) });
        Add("home", new Feature { Position = Home(k) });
        return person;
    }

    public static Features Context(int k) =>
        new()
        {
            Items =
            {
                new Feature { Name = "hour", Number = k % 24 },
                new Feature { Name = "mood", Text = k % 4 == 0 ? "unheard of" : "good" },
            },
        };

    private static string Bio(int k) => $"{Words[k % 8]}-{Words[(k + 3) % 8]},{Words[k * 5 % 8]} 𝒳{k % 4}y";

    private static Position Home(int k) =>
        new() { Latitude = 40.5 + (k % 7 * 0.004), Longitude = -0.01 + (k % 5 * 0.004) };

    private static Feature Texts(params string[] values) => new() { Texts = new TextList { Values = { values } } };

    private async Task Train(
        string model,
        PreparedDatasetInfo data,
        Action<TrainingConfig> choose,
        string? family = null
    )
    {
        family ??= model;
        var start = new StartTraining
        {
            RunId = $"run-{family}",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = family,
            VersionId = "v-1",
            Config = new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = model,
                    TowerDim = 8,
                    HiddenDim = 16,
                    Heads = 2,
                    SeedClusters = 4,
                },
                Optimizer = new OptimizerConfig { LearningRate = 0.02f },
                BatchSize = 64,
                MaxEpochs = 6,
                RepresentationEpochs = 1,
            },
        };
        choose(start.Config);
        await Post<CommandReply>("/training/runs", start);
        await Node.Until<TrainingRunReply>($"/training/runs/{start.RunId}", run => run.Registered);

        await Post<CommandReply>(
            $"/training/registry/{family}/stages",
            new SetStage { VersionId = "v-1", Stage = Stage.Champion }
        );
    }

    private PreparedDatasetInfo Prepare(string name, string description)
    {
        File.WriteAllText(Path.Combine(_folder, $"{name}.json"), description);
        return DatasetPreparation.Prepare(
            Path.Combine(_folder, $"{name}.json"),
            Path.Combine(_folder, $"{name}.prepared"),
            new PreparationOptions(),
            null,
            CancellationToken.None
        );
    }

    private void Write()
    {
        using var people = new StreamWriter(Path.Combine(_folder, "people.jsonl"));
        for (var k = 0; k < People; k++)
        {
            people.WriteLine(
                $$"""{"id":"p{{k}}","lat":{{Text(Home(k).Latitude)}},"lon":{{Text(Home(k).Longitude)}}{{string.Concat(Person(k).Items.Where(f => f.Name != "home").Select(Json))}}}"""
            );
        }

        var likes = new StringBuilder("who,whom,thing,hour,mood,liked\n");
        var random = new Random(5);
        for (var r = 0; r < Rows; r++)
        {
            var (u, c) = (random.Next(People), random.Next(People));
            var chance = (u % 3 == c % 3 ? 0.75 : 0.1) + (r % 24 / 100.0);
            likes.Append(
                CultureInfo.InvariantCulture,
                $"p{u},p{c},t{c % 12},{r % 24},{(r % 3 == 0 ? "good" : "bad")},{(random.NextDouble() < chance ? 1 : 0)}\n"
            );
        }

        File.WriteAllText(Path.Combine(_folder, "likes.csv"), likes.ToString());
        File.WriteAllText(
            Path.Combine(_folder, "things.csv"),
            "id\n" + string.Concat(Enumerable.Range(0, 12).Select(k => $"t{k}\n"))
        );
    }

    private static string Json(Feature f) =>
        $",\"{f.Name}\":"
        + f.ValueCase switch
        {
            Feature.ValueOneofCase.Number => Text(f.Number),
            Feature.ValueOneofCase.Text => $"\"{f.Text}\"",
            _ => $"[{string.Join(',', f.Texts.Values.Select(v => $"\"{v}\""))}]",
        };

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private const string Columns = """
        "columns": {
          "age": { "type": "number" },
          "income": { "type": "number", "scaling": "min_max" },
          "visits": { "type": "number", "scaling": "quantile" },
          "town": { "type": "category" },
          "job": { "type": "hashed", "buckets": 7 },
          "bio": { "type": "tokens", "buckets": 16 },
          "likes": { "type": "tags" },
          "taste": { "type": "latent", "dimensions": 3 },
          "places": { "type": "bag" },
          "born": { "type": "time", "format": "unix_seconds" },
          "home": { "type": "position", "latitude": "lat", "longitude": "lon" },
          "me": { "type": "id", "buckets": 5 }
        }
        """;

    private const string PeopleDescription = $$"""
        { "name": "people",
          "users": { "file": "people.jsonl", "key": "id", {{Columns}} },
          "interactions": { "file": "likes.csv", "user": "who", "candidate": "whom", "label": "liked",
                            "columns": { "hour": { "type": "number" }, "mood": { "type": "category" } } },
          "pairs": { "alike": { "type": "similarity", "of": "taste" },
                     "ages": { "type": "similarity", "of": "age", "and": "income" },
                     "common": { "type": "overlap", "of": "places" },
                     "far": { "type": "distance", "of": "home" },
                     "met": { "type": "same_cell", "of": "places" },
                     "near": { "type": "same_cell", "of": "home" } },
          "split": { "valid": 0.3, "test": 0.1 } }
        """;

    private const string ThingsDescription = $$"""
        { "name": "things",
          "users": { "file": "people.jsonl", "key": "id", {{Columns}} },
          "candidates": { "file": "things.csv", "key": "id" },
          "interactions": { "file": "likes.csv", "user": "who", "candidate": "thing", "label": "liked" },
          "split": { "valid": 0.3, "test": 0.1 } }
        """;
}
