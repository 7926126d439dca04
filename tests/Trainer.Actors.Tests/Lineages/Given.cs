using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

internal static class Given
{
    public static ArtifactRef Artifact(int nr) =>
        new()
        {
            Hash = nr.ToString("x64"),
            WeightsHash = nr.ToString("x64"),
            Bytes = 1,
        };

    public static OpenLineage Open(string lineageId = "champion", int batchSize = 4, int checkpointEvery = 3) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"open-{lineageId}" },
            LineageId = lineageId,
            Family = "match",
            VersionId = "v1",
            Base = Artifact(1),
            BatchSize = batchSize,
            CheckpointEvery = checkpointEvery,
        };

    /// <summary>Samples from..to, all of them meant for the lineage.</summary>
    public static OfferSlice Offer(string userId, long from, long to, string lineageId = "champion") =>
        Offer(userId, from, Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i), lineageId);

    /// <summary>Some samples of a range; the others are meant for other lineages.</summary>
    public static OfferSlice Offer(string userId, long from, IEnumerable<long> seqs, string lineageId = "champion")
    {
        var samples = seqs.Select(seq => Sample(userId, seq)).ToList();
        return new OfferSlice
        {
            Header = new CommandHeader { CommandId = $"slice:{userId}/{from}/{samples[^1].SampleSeq}" },
            LineageId = lineageId,
            UserId = userId,
            FromSeq = from,
            ToSeq = samples[^1].SampleSeq,
            Samples = { samples },
        };
    }

    public static BufferedSample Sample(string userId, long seq) =>
        new()
        {
            SampleSeq = seq,
            Sample = new Sample
            {
                InteractionId = $"{userId}/{seq}",
                UserId = userId,
                CandidateId = "candidate",
                Label = seq % 2,
            },
        };
}
