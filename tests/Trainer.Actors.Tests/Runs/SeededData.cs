using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// A dataset in memory in which only seeds tell who suits whom. People have one of four tastes, which shows in their
/// numbers; so has each candidate, which shows in nothing. A user responds well to candidates of the same taste.
/// </summary>
public static class SeededData
{
    public const int Users = 400;
    public const int Candidates = 60;
    private const int Rows = 4_000;

    private static readonly FeatureSchema OneSided = PlantedData.Schema;

    public static TrainingConfig Config { get; } =
        ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = "Ralm",
                    TowerDim = 8,
                    SeedClusters = 6,
                },
                Optimizer = new OptimizerConfig { LearningRate = 0.01f, WeightDecay = -1 },
                BatchSize = 256,
                RepresentationEpochs = 3,
                RandomSeed = 11,
            }
        );

    public static int TasteOf(int person) => person % 4;

    public static string User(int k) => $"user-{k}";

    public static string Candidate(int k) => $"candidate-{k}";

    /// <summary>A candidate that nobody has responded to in training has the same look as any.</summary>
    public static Features Look { get; } = Numbers(0, 0);

    public static Features Profile(int user)
    {
        var angle = TasteOf(user) * Math.PI / 2;
        return Numbers(Math.Cos(angle) + Noise(user, 1), Math.Sin(angle) + Noise(user, 2), Noise(user, 3));
    }

    public static PreparedDataset Open()
    {
        var users = new float[Users * OneSided.User.Width];
        for (var k = 0; k < Users; k++)
        {
            OneSided.User.Encode("", Profile(k), users.AsSpan(k * OneSided.User.Width, OneSided.User.Width));
        }

        var candidates = new float[Candidates * OneSided.Candidate.Width];
        for (var k = 0; k < Candidates; k++)
        {
            OneSided.Candidate.Encode(
                "",
                Look,
                candidates.AsSpan(k * OneSided.Candidate.Width, OneSided.Candidate.Width)
            );
        }

        int[] userOf = [.. Enumerable.Range(0, Rows).Select(r => Draw(r, 7, Users))];
        int[] candidateOf = [.. Enumerable.Range(0, Rows).Select(r => Draw(r, 8, Candidates))];
        float[] labels = [.. userOf.Zip(candidateOf, (u, c) => TasteOf(u) == TasteOf(c) ? 1f : 0f)];
        var meta = new DatasetMeta(
            PlantedData.Path,
            PlantedData.Hash,
            OneSided.Id,
            Rows,
            Users,
            Candidates,
            OneSided.User.Width,
            OneSided.Candidate.Width,
            OneSided.Context.Width,
            Rows - 600,
            300,
            300,
            labels.Average()
        );
        return new PreparedDataset(
            meta,
            OneSided,
            users,
            candidates,
            new float[Rows * OneSided.Context.Width],
            userOf,
            candidateOf,
            labels,
            [
                .. Enumerable
                    .Range(0, Rows)
                    .Select(r =>
                        r < Rows - 600 ? Split.Train
                        : r < Rows - 300 ? Split.Valid
                        : Split.Test
                    ),
            ]
        );
    }

    public static Score Request(int user, string request, params IEnumerable<string> candidates) =>
        new()
        {
            RequestId = request,
            Family = "city",
            UserId = User(user),
            User = Profile(user),
            Candidates =
            {
                candidates.Select(id => new Candidate
                {
                    CandidateId = id,
                    Features = Look,
                    Context = Numbers(0),
                }),
            },
        };

    /// <summary>By <see cref="PlantedData"/>'s names.</summary>
    private static Features Numbers(params double[] values) =>
        new() { Items = { values.Select((v, n) => new Feature { Name = $"f{n}", Number = v }) } };

    private static double Noise(int user, int n) => 0.6 * (RandomStream.Uniform((ulong)user + 1, n) - 0.5);

    private static int Draw(int row, int n, int below) => (int)(RandomStream.Uniform((ulong)row + 1, n) * below);
}
