using System.Net.Http.Headers;
using Google.Protobuf;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>One node of its own that has what was trained in a <see cref="TrainedTown"/>.</summary>
public sealed class TrainedNode(TrainedTown town) : IAsyncLifetime
{
    public const string Family = "town";

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-trained-").FullName;

    public TestNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await town.CopyTo(_folder);
        Node = await (await TestNode.Start(folder: _folder)).Ready();
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
        Node = await TestNode.Start(folder: _folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<HttpResponseMessage> Get(string path) =>
        await Node.Client.GetAsync(new Uri(path, UriKind.Relative));

    public Task<T> Get<T>(string path)
        where T : IMessage<T>, new() => Node.Get<T>(path);

    public Task<T> Post<T>(string path, IMessage message)
        where T : IMessage<T>, new() => Node.Post<T>(path, message);

    /// <summary>A search on the town's data, over two parameters; returns once its best is registered.</summary>
    public async Task Study(string id, int trials, string family = Family)
    {
        var trained = await Get<TrainingRunReply>("/training/runs/run-good");
        var config = trained.Config.Clone();
        config.MaxEpochs = 1;
        var start = new StartStudy
        {
            StudyId = id,
            Definition = new StudyDefinition
            {
                DatasetPath = trained.DatasetPath,
                DatasetHash = trained.DatasetHash,
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
        await Node.Until<StudyReply>($"/training/studies/{id}", study => study.Registered);
    }

    /// <summary>What a refused request is answered with.</summary>
    public async Task<(int Status, string Body)> Refused(string path, string body)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await Node.Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
