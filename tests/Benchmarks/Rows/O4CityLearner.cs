using System.Globalization;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Serving;
using Ralm.Models.Training;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.ClusterHost.Demo;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// The demo's city, where taste turns around, and the learner alone: no actors, no lag, no seeds. People are shown the eight that the
/// weights of that moment rank highest, and what they answer is learned, four visits a batch.
/// </summary>
public sealed class O4CityLearner : IFigures
{
    private const int Visits = 1_500;
    private const int VisitsOfBatch = 4;

    /// <summary>2,000 samples.</summary>
    private const int VisitsOfWindow = 250;

    private static readonly int[] Seeds = [7, 42, 1, 2, 3];

    private static readonly DemoOptions Defaults = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;

    public string Id => "O4";

    public async Task<string> Run(CancellationToken ct)
    {
        try
        {
            var rows = new List<string>();
            foreach (var seed in Seeds)
            {
                rows.Add(await Play(seed, ct));
                Console.Error.WriteLine(rows[^1]);
            }

            return "AUC over all 20 candidates of a visit, by windows of 2,000 samples after the drift.\n\n"
                + "| seed | frozen, peace | online, peace | frozen, after | online, after | windows | alarm, won, closed after samples |\n"
                + "|---|---|---|---|---|---|---|\n"
                + string.Join('\n', rows);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<string> Play(int seed, CancellationToken ct)
    {
        var city = City.Create(seed, Defaults.People);
        var origin = await Trained(city, seed, ct);
        using var frozen = new ServingModel(origin, "cpu");
        using var served = new ServingModel(origin, "cpu");
        using var training = new LineageTraining(origin, new string('a', 64), Settings, 0, "cpu");
        var (peace, after) = (new Windows(), new Windows());
        var (batch, nr, samples) = (new List<Sample>(), 0L, 0);
        var reactions = new List<string>();
        for (var visit = 0; visit < 2 * Visits; visit++)
        {
            ct.ThrowIfCancellationRequested();
            var drifted = visit >= Visits;
            var meter = drifted ? after : peace;
            batch.AddRange(Visit(city, seed, visit, drifted, frozen, served, meter));
            if ((visit + 1) % VisitsOfBatch > 0)
            {
                continue;
            }

            samples += batch.Count;
            var learned = training.Apply(++nr, batch);
            var (from, values) = training.OnlineWeights();
            served.Adopt(from, values);
            batch.Clear();
            var since = samples - (Visits * Defaults.Shown);
            if (learned.Reaction.Noticed is not null)
            {
                reactions.Add($"{since} ");
            }

            if (learned.Reaction.Ended is { } ended)
            {
                reactions.Add($"{ended.Outcome} {since} ");
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {seed} | {peace.Frozen:F4} | {peace.Online:F4} | {after.Frozen:F4} | {after.Online:F4} | {string.Join(' ', after.OfOnline.Select(w => w.ToString("F3", CultureInfo.InvariantCulture)))} | {string.Concat(reactions)}|"
        );
    }

    /// <summary>As a lineage is opened with nothing said.</summary>
    private static LineageSettings Settings =>
        (
            (LineageOpened)
                LineageState.Empty("city").Decide(Open, new ArtifactRef { Hash = new string('a', 64) }).Events[0]
        ).Settings;

    private static OpenLineage Open =>
        new()
        {
            Header = new() { CommandId = "open" },
            LineageId = "city",
            Family = "city",
            VersionId = "city",
        };

    private static List<Sample> Visit(
        City city,
        int seed,
        int number,
        bool drifted,
        ServingModel frozen,
        ServingModel served,
        Windows meter
    )
    {
        var random = new Random(seed * 100_000 + number);
        var user = city.People[number % city.People.Length];
        var nearby = city.Nearby(user, Defaults.Candidates, random);
        float[] labels =
        [
            .. nearby.Select(c => random.NextDouble() < city.MatchProbability(user, c, drifted) ? 1f : 0f),
        ];
        var request = new Score { UserId = user.Id, User = user.Profile };
        request.Candidates.AddRange(
            nearby.Select(c => new Candidate
            {
                CandidateId = c.Id,
                Features = c.Profile,
                Context = Context(user, c),
            })
        );
        float[] online = [.. served.Score(request).Select(s => s.Score)];
        meter.Add(labels, [.. frozen.Score(request).Select(s => s.Score)], online);
        return
        [
            .. Enumerable
                .Range(0, nearby.Length)
                .OrderByDescending(k => online[k])
                .Take(Defaults.Shown)
                .Select(k => new Sample
                {
                    InteractionId = $"{number}-{k}",
                    UserId = user.Id,
                    CandidateId = nearby[k].Id,
                    User = user.Profile,
                    Candidate = nearby[k].Profile,
                    Context = request.Candidates[k].Context,
                    Label = labels[k],
                    Score = online[k],
                }),
        ];
    }

    private static Features Context(Person user, Person candidate) =>
        new()
        {
            Items =
            {
                new Feature { Name = "distance_km", Number = Math.Round(user.DistanceKm(candidate), 3) },
            },
        };

    /// <summary>As the demo trains.</summary>
    private async Task<ModelArtifact> Trained(City city, int seed, CancellationToken ct)
    {
        var tables = Path.Combine(_folder, $"tables-{seed}");
        await CityHistory.Write(city, new DemoOptions { Seed = seed }, tables, ct);
        var prepared = DatasetPreparation.Prepare(
            Path.Combine(tables, CityHistory.Description),
            Path.Combine(_folder, $"dataset-{seed}"),
            new PreparationOptions(),
            null,
            ct
        );
        var config = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Dropout = 0.1f },
                Optimizer = new OptimizerConfig { LearningRate = 0.002f },
                BatchSize = 256,
                RepresentationEpochs = 2,
                MaxEpochs = 6,
                Patience = 2,
                RandomSeed = (ulong)seed,
            }
        );
        using var session = new TrainingSession(config, PreparedDataset.Open(prepared.Path), null, "cpu");
        var (best, kept) = (0.0, (ModelArtifact?)null);
        for (var epoch = 1; epoch <= session.RepresentationEpochs + config.MaxEpochs; epoch++)
        {
            var rows = session.IsRepresentation(epoch) ? session.RepresentationRows : session.TrainRows;
            var order = new RowPermutation(rows, RandomStream.ForEpoch(config.RandomSeed, epoch));
            for (var batch = 0; batch * session.Used.BatchSize < rows; batch++)
            {
                session.Train(epoch, batch, order.Batch(batch, session.Used.BatchSize));
            }

            (double Auc, double LogLoss)? valid;
            do
            {
                valid = session.Validate(epoch);
            } while (valid is null);

            if (valid.Value.Auc > best && !session.IsRepresentation(epoch))
            {
                (best, kept) = (valid.Value.Auc, session.Checkpoint(epoch, valid.Value.Auc, valid.Value.LogLoss));
            }
        }

        return kept!;
    }

    /// <summary>AUC of both, a window after the other.</summary>
    private sealed class Windows
    {
        private readonly List<float> _labels = [];
        private readonly List<float> _frozen = [];
        private readonly List<float> _online = [];
        private int _visits;

        public List<double> OfFrozen { get; } = [];

        public List<double> OfOnline { get; } = [];

        public double Frozen => OfFrozen.Average();

        public double Online => OfOnline.Average();

        public void Add(float[] labels, float[] frozen, float[] online)
        {
            _labels.AddRange(labels);
            _frozen.AddRange(frozen);
            _online.AddRange(online);
            if (++_visits % VisitsOfWindow == 0)
            {
                OfFrozen.Add(RankingMetrics.Auc([.. _frozen], [.. _labels]));
                OfOnline.Add(RankingMetrics.Auc([.. _online], [.. _labels]));
                _labels.Clear();
                _frozen.Clear();
                _online.Clear();
            }
        }
    }
}
