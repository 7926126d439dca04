using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>What a scorer hears.</summary>
internal static class GivenServing
{
    public static Score Request(string user = "u-1", string test = "", int candidates = 3, string request = "r-1")
    {
        var score = new Score
        {
            RequestId = request,
            Family = "city",
            UserId = user,
            ExperimentId = test,
            User = PlantedData.Sample(0).User,
        };
        score.Candidates.AddRange(
            Enumerable
                .Range(1, candidates)
                .Select(k => new Candidate
                {
                    CandidateId = $"c-{k}",
                    Features = PlantedData.Sample(k).Candidate,
                    Context = PlantedData.Sample(k).Context,
                })
        );
        return score;
    }

    public static RegistryReply Family(string champion, params (string Version, ArtifactRef Artifact)[] versions) =>
        new()
        {
            Family = "city",
            ChampionVersionId = champion,
            Versions = { versions.Select(v => new ModelVersion { VersionId = v.Version, Artifact = v.Artifact }) },
        };

    public static LineageReply Lineage(string id, long batchNr, ArtifactRef checkpoint) =>
        new()
        {
            LineageId = id,
            VersionId = "v-1",
            Open = true,
            Checkpoint = checkpoint,
            CheckpointBatchNr = batchNr,
        };

    /// <summary>Half of all users get v-1, the other half the lineage.</summary>
    public static RunningExperiment Test(long revision = 1, bool running = true, int exposure = 10_000) =>
        new()
        {
            ExperimentId = "t-1",
            Revision = revision,
            Running = running,
            Phase = 2,
            Family = "city",
            Salt = "t-1",
            Exposure = exposure,
            Cells = 16,
            Arms =
            {
                new Arm
                {
                    Name = "frozen",
                    Weight = 5_000,
                    VersionId = "v-1",
                },
                new Arm
                {
                    Name = "online",
                    Weight = 5_000,
                    LineageId = "exp/b",
                },
            },
        };
}
