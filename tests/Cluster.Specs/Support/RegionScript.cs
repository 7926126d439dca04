using System.Globalization;
using Ralm.Datasets.Preparation;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>How the entities of one region are made to write, again and again, and how they are asked.</summary>
/// <param name="Ids">Which entities there are.</param>
/// <param name="Writes">What entity <c>n</c> is told in round 1, 2, 3...; each round it journals something.</param>
/// <param name="Ask">Whatever the entity answers, it was read.</param>
internal sealed record RegionScript(
    Type Region,
    IReadOnlyList<string> Ids,
    Func<int, int, IWireMessage[]> Writes,
    Func<string, IQuery> Ask
)
{
    public const int Entities = 8;

    private static readonly EntityExtractor<IUserMessage> Shards = new(new EntityRegionOptions("").ShardCount);

    /// <summary>Model families, each with a trained version <c>v-1</c>.</summary>
    public static string Family(int n) => $"family-{n}";

    /// <summary>
    /// A run that trains a family's version, and writes nothing afterwards. It is in one shard with <c>run-n</c>, so that
    /// every shard of the region has somebody who writes in each round.
    /// </summary>
    public static string TrainedRun(int n) =>
        Enumerable
            .Range(0, int.MaxValue)
            .Select(k => $"trained-{n}-{k}")
            .First(id => ShardOf(id) == ShardOf($"run-{n}"));

    /// <summary>Of any region: all have as many shards.</summary>
    public static string ShardOf(string entityId) => Shards.ShardId(entityId);

    /// <summary>By name of the region; what it takes to write in each.</summary>
    /// <param name="trained">Of the families' versions.</param>
    public static Dictionary<string, RegionScript> All(PreparedDatasetInfo data, IReadOnlyList<ArtifactRef> trained) =>
        new(StringComparer.Ordinal)
        {
            [RegionNames.User] = new(
                typeof(UserRegion),
                Named("user"),
                (n, round) =>
                    [
                        new UpdateProfile
                        {
                            Header = Header("profile", n, round),
                            UserId = $"user-{n}",
                            Profile = AgeCity.Person(20 + round),
                        },
                    ],
                id => new GetUser { UserId = id }
            ),
            [RegionNames.PendingUsers] = new(
                typeof(PendingUsersRegion),
                [.. Enumerable.Range(0, Entities).Select(n => $"{n}")],
                (n, round) =>
                    [
                        new RegisterForWake
                        {
                            Header = Header("enlist", n, round),
                            BucketId = $"{n}",
                            UserId = $"pending-{n}-{round}",
                        },
                    ],
                id => new GetPendingUsers { BucketId = id }
            ),
            [RegionNames.TrainingRun] = new(
                typeof(TrainingRunRegion),
                Named("run"),
                (n, round) => RunScript.Run(data, $"run-{n}", round),
                id => new GetTrainingRun { RunId = id }
            ),
            [RegionNames.Study] = new(
                typeof(StudyRegion),
                Named("study"),
                (n, round) => RunScript.Study(data, $"study-{n}", round),
                id => new GetStudy { StudyId = id }
            ),
            [RegionNames.Lineage] = new(
                typeof(LineageRegion),
                Named("lineage"),
                (n, round) => [LearningScript.Lineage(n, round, trained[n])],
                id => new GetLineage { LineageId = id }
            ),
            // Of lineages that are not there: it ends at once.
            [RegionNames.Retraining] = new(
                typeof(RetrainingRegion),
                Named("retraining"),
                (n, round) =>
                    round > 1
                        ? []
                        :
                        [
                            new OpenRetraining
                            {
                                Header = Header("retrain", n, round),
                                RetrainingId = $"retraining-{n}",
                                LineageId = $"nobody-{n}",
                            },
                        ],
                id => new GetRetraining { RetrainingId = id }
            ),
            [RegionNames.Registry] = new(
                typeof(RegistryRegion),
                Named("family"),
                (n, round) =>
                    [
                        new SetStage
                        {
                            Header = Header("stage", n, round),
                            Family = Family(n),
                            VersionId = "v-1",
                            Stage = round % 2 == 0 ? Stage.Canary : Stage.Shadow,
                        },
                    ],
                id => new GetRegistry { Family = id }
            ),
            [RegionNames.Evaluation] = new(
                typeof(EvaluationRegion),
                Named("family"),
                (n, round) =>
                    [
                        new RequestEvaluation
                        {
                            Header = Header("judge", n, round),
                            Family = Family(n),
                            VersionId = $"v-{round}",
                            DatasetPath = data.Path,
                            DatasetHash = data.Meta.Hash,
                            Artifact = trained[n],
                        },
                    ],
                id => new GetEvaluations { Family = id }
            ),
            // Of files that are not there: a load waits for them.
            [RegionNames.SeedLoad] = new(
                typeof(SeedLoadRegion),
                [.. Enumerable.Range(0, Entities).Select(n => n.ToString("x64", CultureInfo.InvariantCulture))],
                (n, round) =>
                    round > 1
                        ? []
                        :
                        [
                            new LoadSeeds
                            {
                                Header = Header("seeds", n, round),
                                SeedsHash = n.ToString("x64", CultureInfo.InvariantCulture),
                                Family = Family(n),
                                VersionId = "v-1",
                            },
                        ],
                id => new GetSeedLoad { SeedsHash = id }
            ),
            [RegionNames.AbTest] = new(
                typeof(AbTestRegion),
                Named("test"),
                (n, round) => [LearningScript.Test(n, round), LearningScript.AnotherTest(n, round)],
                id => new GetExperiment { ExperimentId = id }
            ),
            [RegionNames.AbCell] = new(
                typeof(AbCellRegion),
                [.. Enumerable.Range(0, Entities).Select(n => $"celled/{n}")],
                (n, round) =>
                    [
                        new ConfigureCell
                        {
                            Header = Header("cell", n, round),
                            ExperimentId = "celled",
                            Cell = n,
                            Arms = { "a", $"b-{round}" },
                            Metrics = { new RalmActors.Messages.AbTesting.Metric { Name = "match" } },
                        },
                    ],
                id => new GetCell { ExperimentId = "celled", Cell = int.Parse(id.AsSpan("celled/".Length)) }
            ),
            [RegionNames.AbSimulation] = new(
                typeof(AbSimulationRegion),
                Named("simulation"),
                (n, round) =>
                    round > 1
                        ? []
                        :
                        [
                            new Simulate
                            {
                                Header = Header("play", n, round),
                                SimulationId = $"simulation-{n}",
                                Design = new SimulationDesign { Units = 100, Runs = 2 },
                            },
                        ],
                id => new GetSimulation { SimulationId = id }
            ),
            [RegionNames.AbTraffic] = new(
                typeof(AbTrafficRegion),
                Named("family"),
                (n, round) =>
                    [
                        new SetHoldout
                        {
                            Header = Header("holdout", n, round),
                            Family = Family(n),
                            Holdout = round,
                        },
                    ],
                id => new GetHoldout { Family = id }
            ),
            [RegionNames.Collector] = new(
                typeof(CollectorRegion),
                Named("app:source"),
                (n, round) =>
                    [
                        new SetRules
                        {
                            Header = Header("rules", n, round),
                            SourceId = $"app:source-{n}",
                            Rules =
                            {
                                new ThresholdRule
                                {
                                    RuleId = "high",
                                    Metric = "load",
                                    Comparison = RalmActors.Messages.Monitoring.Comparison.Above,
                                    Threshold = round,
                                    Severity = Severity.Warning,
                                },
                            },
                        },
                    ],
                id => new GetAlerts { SourceId = id }
            ),
        };

    public static CommandHeader Header(string what, int n, int round) => new() { CommandId = $"{what}-{n}-{round}" };

    private static string[] Named(string name) => [.. Enumerable.Range(0, Entities).Select(n => $"{name}-{n}")];
}
