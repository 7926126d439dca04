using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Metrics;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Storage;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>
/// Models are trained on one node and promoted on another one that has never heard of anybody: it scores the test rows as they
/// were judged, seeds and all.
/// </summary>
public sealed class ServedAsJudgedSpecs(ITestOutputHelper output) : IDisposable
{
    private const int Users = 90;
    private const int Candidates = 24;
    private const double Alike = 1e-6;

    private static readonly string[] Models = ["Ralm", "MeanPooledSeeds", "TwoTowerMha", "LogisticRegression"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-judged-").FullName;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_node_scores_the_test_rows_as_they_were_judged(bool reciprocal)
    {
        var data = reciprocal ? People() : Things();
        var versions = new Dictionary<string, ModelVersion>(StringComparer.Ordinal);
        await using (var trains = await Start("trains"))
        {
            // Where candidates are users only models with seeds are others.
            foreach (var model in reciprocal ? Models[..2] : Models)
            {
                versions[model] = await Train(trains, data, model);
            }
        }

        await using var serves = await Start("serves");
        foreach (var (model, version) in versions)
        {
            await Promote(serves, model, version);
            var (judged, labels, served) = await Scores(serves, model, version, reciprocal);

            var apart = judged.Zip(served, (a, b) => (double)Math.Abs(a - b)).Max();
            var (offline, online) = (RankingMetrics.Auc(judged, labels), RankingMetrics.Auc(served, labels));
            output.WriteLine(
                $"{model}: {judged.Length} rows, AUC {offline:F6} judged, {online:F6} served; at most {apart:E1} apart"
            );
            Assert.InRange(apart, 0, Alike);
            Assert.True(offline > 0.6 || model == "LogisticRegression", $"{model} has learned nothing");
            Assert.Equal(offline, online, Alike);
            Assert.Equal(offline, version.Metrics.Single(m => m.Name == "test_auc").Value, Alike);
            var cold = version.Metrics.FirstOrDefault(m => m.Name == "test_cold_auc");
            Assert.Equal(model is "MeanPooledSeeds" or "Ralm", cold is not null && cold.Value != offline);
        }
    }

    private async Task<TestNode> Start(string name) =>
        await (
            await TestNode.Start(
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["RALM__STORAGE__MODELS"] = Path.Combine(_folder, "models"),
                    // Nothing is scored before its seeds are there.
                    ["RALM__SERVING__FIRST_WAIT"] = "10",
                },
                Directory.CreateDirectory(Path.Combine(_folder, name)).FullName
            )
        ).Ready();

    private static async Task<ModelVersion> Train(TestNode node, PreparedDatasetInfo data, string model)
    {
        var start = new StartTraining
        {
            Header = Header($"train-{model}"),
            RunId = $"run-{model}",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = model,
            VersionId = "v-1",
            Config = new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = model,
                    TowerDim = 16,
                    HiddenDim = 32,
                    Heads = 2,
                },
                Optimizer = new OptimizerConfig { LearningRate = 0.01f },
                BatchSize = 64,
                MaxEpochs = 6,
            },
        };
        await node.Post<CommandReply>("/training/runs", start);
        await Eventually.Is(async () =>
        {
            var run = await node.Get<TrainingRunReply>($"/training/runs/{start.RunId}");
            Assert.False(run.Status is RunStatus.Failed, run.Reason);
            return run.Registered;
        });
        return (await node.Get<RegistryReply>($"/training/registry/{model}")).Versions.Single();
    }

    /// <summary>Waits until the version says that it is ready.</summary>
    private static async Task Promote(TestNode node, string family, ModelVersion version)
    {
        var register = new RegisterVersion
        {
            Header = Header($"register-{family}"),
            VersionId = version.VersionId,
            Artifact = version.Artifact,
            DatasetHash = version.DatasetHash,
            SchemaId = version.SchemaId,
        };
        await node.Post<CommandReply>($"/training/registry/{family}/versions", register);
        var readiness = $"/training/models/{family}/versions/{version.VersionId}/readiness";
        if (family == Models[0])
        {
            // The others have the same seeds, or none.
            Assert.Contains("its seeds are loaded once", (await node.Get<ReadinessReply>(readiness)).Reasons.Single());
        }

        await node.Post<CommandReply>(
            $"/training/registry/{family}/stages",
            new SetStage
            {
                Header = Header($"promote-{family}"),
                VersionId = version.VersionId,
                Stage = Stage.Champion,
            }
        );
        await Eventually.Is(async () => (await node.Get<ReadinessReply>(readiness)).Ready);
    }

    private async Task<(float[] Judged, float[] Labels, float[] Served)> Scores(
        TestNode node,
        string family,
        ModelVersion version,
        bool reciprocal
    )
    {
        var store = new EvaluationStore(Path.Combine(_folder, "models"));
        var rows = store.Rows(version.Evaluation.RowsHash);
        float[] judged = [.. store.Scores(version.Evaluation.ScoresHash).Scores];
        var served = new float[judged.Length];
        foreach (var ofUser in Enumerable.Range(0, judged.Length).GroupBy(row => rows.Users[row]))
        {
            var user = ofUser.Key;
            var request = new Score
            {
                RequestId = $"{family}-{user}",
                Family = family,
                UserId = $"u{user}",
                User = PersonOf(user),
                Candidates =
                {
                    ofUser.Select(row => new Candidate
                    {
                        CandidateId = reciprocal ? $"u{rows.Candidates[row]}" : $"t{rows.Candidates[row]}",
                        Features = reciprocal ? PersonOf(rows.Candidates[row]) : ThingOf(rows.Candidates[row]),
                        Context = Of(("hour", Hour(user, rows.Candidates[row]))),
                    }),
                },
            };
            ScoreReply? reply = null;
            await Eventually.Is(async () => (reply = await TryScore(node, request)) is not null);
            foreach (var (row, score) in ofUser.Zip(reply!.Scores))
            {
                served[row] = (float)score.Score;
            }
        }

        return (judged, [.. rows.Labels], served);
    }

    /// <summary>Null: the scorer has not loaded the model yet.</summary>
    private static async Task<ScoreReply?> TryScore(TestNode node, Score request)
    {
        using var content = Json(request);
        using var answer = await node.Client.PostAsync(new Uri("/training/score", UriKind.Relative), content);
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? ScoreReply.Parser.ParseJson(body) : null;
    }

    private static int Age(int person) => 18 + (person * 7 % 43);

    private static int Hour(int user, int candidate) => ((user * 5) + (candidate * 3)) % 24;

    private static Features PersonOf(int user) =>
        new()
        {
            Items =
            {
                new Feature { Name = "age", Number = Age(user) },
                new Feature { Name = "town", Text = $"town-{user % 4}" },
            },
        };

    private static Features ThingOf(int thing) => Of(("price", Age(thing)));

    private static Features Of(params (string Name, double Value)[] numbers) =>
        new() { Items = { numbers.Select(n => new Feature { Name = n.Name, Number = n.Value }) } };

    /// <summary>Two tables, split by time: rows are trained on with earlier seeds alone.</summary>
    private PreparedDatasetInfo Things() =>
        Prepare(
            Candidates,
            c => $"t{c}",
            """
            "candidates": { "file": "things.csv", "key": "id", "columns": { "price": { "type": "number" } } },
            """,
            """{ "rule": "time", "column": "day", "valid": 0.15, "test": 0.2 }"""
        );

    /// <summary>One table: candidates are users, and both sides have seeds.</summary>
    private PreparedDatasetInfo People() =>
        Prepare(Users, c => $"u{c}", "", """{ "rule": "random", "valid": 0.15, "test": 0.2 }""");

    private PreparedDatasetInfo Prepare(int candidates, Func<int, string> idOf, string table, string split)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "tables")).FullName;
        Write("people.csv", "id,age,town", Enumerable.Range(0, Users).Select(u => $"u{u},{Age(u)},town-{u % 4}"));
        Write("things.csv", "id,price", Enumerable.Range(0, Candidates).Select(c => $"t{c},{Age(c)}"));
        var random = new Random(4);
        var pairs =
            from u in Enumerable.Range(0, Users)
            from c in Enumerable.Range(0, candidates)
            where candidates == Candidates || (u != c && (u + (3 * c)) % 5 == 0)
            let chance = u % 4 < 2 == (Age(c) < 36) ? 0.9 : 0.1
            let label = random.NextDouble() < chance ? 1 : 0
            select $"u{u},{idOf(c)},{Hour(u, c)},2024-01-{1 + random.Next(28):D2},{label}";
        Write("likes.csv", "who,whom,hour,day,liked", pairs);
        File.WriteAllText(
            Path.Combine(folder, "dataset.json"),
            $$"""
            { "name": "judged",
              "users": { "file": "people.csv", "key": "id",
                         "columns": { "age": { "type": "number" }, "town": { "type": "category" } } },
              {{table}}
              "interactions": { "file": "likes.csv", "user": "who", "candidate": "whom", "label": "liked",
                                "columns": { "hour": { "type": "number" } } },
              "split": {{split}} }
            """
        );
        return DatasetPreparation.Prepare(
            Path.Combine(folder, "dataset.json"),
            Path.Combine(folder, "prepared"),
            new PreparationOptions(),
            null,
            TestContext.Current.CancellationToken
        );

        void Write(string file, string head, IEnumerable<string> lines) =>
            File.WriteAllLines(Path.Combine(folder, file), lines.Prepend(head));
    }

    private static CommandHeader Header(string id) => new() { CommandId = id };

    private static StringContent Json(IMessage message) =>
        new(JsonFormatter.Default.Format(message), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
