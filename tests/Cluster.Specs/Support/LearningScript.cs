using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>Lineages that learn, and experiments that are drafted again.</summary>
internal static class LearningScript
{
    /// <summary>Opened in the first round; it learns one sample in each after it.</summary>
    public static IWireMessage Lineage(int n, int round, ArtifactRef version) =>
        round > 1
            ? new OfferSlice
            {
                Header = RegionScript.Header("slice", n, round),
                LineageId = $"lineage-{n}",
                UserId = "learner",
                FromSeq = round - 1,
                ToSeq = round - 1,
                Samples = { Sampled(n, round - 1) },
            }
            : new OpenLineage
            {
                Header = RegionScript.Header("open", n, round),
                LineageId = $"lineage-{n}",
                Family = RegionScript.Family(n),
                VersionId = "v-1",
                Base = version,
                BatchSize = 1,
            };

    public static IWireMessage Test(int n, int round) =>
        round == 1
            ? Create($"test-{n}", n)
            : new EditExperiment
            {
                Header = RegionScript.Header("edit", n, round),
                ExperimentId = $"test-{n}",
                Definition = Definition(n, round),
            };

    /// <summary>One more in each round, so that the shards' own memory of their entities is written too.</summary>
    public static IWireMessage AnotherTest(int n, int round) => Create($"another-{n}-{round}", n);

    private static CreateExperiment Create(string id, int n) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"create-{id}" },
            ExperimentId = id,
            Definition = Definition(n, 1),
        };

    private static ExperimentDefinition Definition(int n, int round) =>
        new()
        {
            Family = RegionScript.Family(n),
            Hypothesis = $"round {round}",
            Metrics = { new RalmActors.Messages.AbTesting.Metric { Name = "match" } },
            Arms = { Arm("a"), Arm("b") },
        };

    private static Arm Arm(string name) =>
        new()
        {
            Name = name,
            Weight = 5_000,
            VersionId = "v-1",
        };

    private static BufferedSample Sampled(int n, int round) =>
        new()
        {
            SampleSeq = round,
            Sample = new Sample
            {
                InteractionId = $"swipe-{n}-{round}",
                UserId = "learner",
                CandidateId = "candidate",
                User = AgeCity.Person(20 + n),
                Candidate = AgeCity.Person(20 + round),
                Label = 1,
            },
        };
}
