using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Actors.Tests;

internal static class Given
{
    /// <summary>After everything that happens here.</summary>
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static RecordInteraction Interaction(
        string id,
        string userId = "u-1",
        string candidateId = "u-2",
        float label = 1,
        params string[] lineages
    ) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            UserId = userId,
            CandidateId = candidateId,
            Candidate = Features(("age", 30)),
            Context = Features(("distance_km", 1.5)),
            Label = label,
            OccurredAt = new Timestamp { Seconds = 1_700_000_000 },
            LineageIds = { lineages },
        };

    /// <param name="at">Seconds since 1970.</param>
    public static AddSeeds Seeds((string UserId, int At)[] seeds, int age = 30, int keep = 500) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"seeds-{seeds[0].UserId}-{seeds.Length}" },
            UserId = "u-1",
            Seeds =
            {
                seeds.Select(s => new Seed
                {
                    UserId = s.UserId,
                    Features = Features(("age", age)),
                    At = s.At == 0 ? null : new Timestamp { Seconds = s.At },
                }),
            },
            Keep = keep,
        };

    public static AddSeed Seed(
        string seedUserId,
        long seq = 1,
        long at = 1_700_000_000,
        string userId = "u-1",
        int keep = 500
    ) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"seed-{seedUserId}-{seq}" },
            UserId = userId,
            SeedUserId = seedUserId,
            Features = Features(("age", 30)),
            At = new Timestamp { Seconds = at },
            SampleSeq = seq,
            Keep = keep,
        };

    public static Features Features(params (string Name, double Value)[] items) =>
        new() { Items = { items.Select(i => new Feature { Name = i.Name, Number = i.Value }) } };
}
