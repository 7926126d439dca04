using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>
/// What a user tells the candidates it responded to. The samples wait in the same buffer as those of lineages, under a
/// destination of their own. Each candidate is told in order, and none waits for another that does not answer.
/// </summary>
public static class SeedOutbox
{
    /// <summary>No lineage can have it: it is not an id.</summary>
    public const string Destination = "#candidates";

    /// <summary>Responses one candidate may not have been told of, so that it does not use up the room of all.</summary>
    public const int MaxPerCandidate = 256;

    /// <summary>From here on a response counts as the outcome wished for.</summary>
    private const float Positive = 0.5f;

    public static bool IsPositive(float label) => label >= Positive;

    /// <summary>Everyone who must hear of the sample.</summary>
    public static IEnumerable<string> Destinations(InteractionRecorded recorded) =>
        recorded.TellsCandidate ? recorded.LineageIds.Append(Destination) : recorded.LineageIds;

    /// <summary>What is owed to a candidate: stands beside the lineages' ids, of which none looks like it.</summary>
    public static string KeyOf(string candidateId) => $"{Destination} {candidateId}";

    /// <param name="keep">Seeds an audience keeps.</param>
    /// <returns>The oldest response the candidate has not been told of; null when it knows all.</returns>
    public static AddSeed? Next(UserState state, string candidateId, int keep) =>
        !state.Untold.ContainsKey(candidateId)
        || state.PendingFor(Destination).FirstOrDefault(s => s.CandidateId == candidateId) is not { } next
            ? null
            : AddSeed(state.UserId, next.SampleSeq, next.Sample.Unpack(), keep);

    private static AddSeed AddSeed(string userId, long sampleSeq, Sample sample, int keep) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = CommandId(userId, sampleSeq),
                CorrelationId = sample.InteractionId,
                CausationId = sample.InteractionId,
            },
            UserId = sample.CandidateId,
            SeedUserId = userId,
            Features = sample.User,
            At = sample.OccurredAt,
            SampleSeq = sampleSeq,
            Keep = keep,
        };

    public static Rejection? Check(AddSeed c) =>
        Ids.Check("seed_user_id", c.SeedUserId)
        ?? (c.SeedUserId == c.UserId ? Rejections.Invalid("seed_user_id", c.SeedUserId, "must not be user_id") : null)
        ?? (c.SampleSeq >= 1 ? null : Rejections.Invalid("sample_seq", c.SampleSeq, "must be at least 1"))
        ?? CheckKeep(c.Keep)
        ?? InteractionRules.CheckTime("at", c.At)
        ?? FeatureRules.Check("features", c.Features, isJournaled: true);

    public static Rejection? Check(AddSeeds c)
    {
        var bytes = c.Seeds.Sum(s => (long)s.CalculateSize());
        var bad =
            c.Seeds.Count == 0 ? Rejections.Invalid("seeds", "", "must be at least 1")
            : bytes > AudienceBounds.MaxCommandBytes
                ? Rejections.Invalid(
                    "seeds",
                    $"{bytes} bytes",
                    $"must be at most {AudienceBounds.MaxCommandBytes:N0} bytes"
                )
            : CheckKeep(c.Keep);
        for (var i = 0; bad is null && i < c.Seeds.Count; i++)
        {
            var (seed, field) = (c.Seeds[i], $"seeds[{i}]");
            bad =
                Ids.Check($"{field}.user_id", seed.UserId)
                ?? (
                    seed.UserId == c.UserId
                        ? Rejections.Invalid($"{field}.user_id", seed.UserId, "must not be user_id")
                        : null
                )
                ?? InteractionRules.CheckTime($"{field}.at", seed.At)
                ?? FeatureRules.Check($"{field}.features", seed.Features);
        }

        return bad;
    }

    /// <summary>What a response told one by one says.</summary>
    public static Seed Of(AddSeed c) =>
        new()
        {
            UserId = c.SeedUserId,
            Features = c.Features,
            At = c.At,
            SampleSeq = c.SampleSeq,
        };

    /// <summary>What training data says: without a time it is older than any response.</summary>
    public static IEnumerable<Seed> Of(AddSeeds c) =>
        c.Seeds.Select(s => new Seed
        {
            UserId = s.UserId,
            Features = s.Features,
            At = s.At ?? new Timestamp(),
        });

    private static Rejection? CheckKeep(int keep) =>
        keep is >= 1 and <= AudienceBounds.MaxKeep
            ? null
            : Rejections.Invalid("keep", keep, $"must be 1 to {AudienceBounds.MaxKeep:N0}");

    /// <summary>The candidate's answer, whether the seed was new or known.</summary>
    public static DeliveryAcknowledged Told(AddSeed c) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = c.Header.CommandId,
                CorrelationId = c.Header.CorrelationId,
                CausationId = c.Header.CommandId,
            },
            UserId = c.SeedUserId,
            Destination = Destination,
            ThroughSeq = c.SampleSeq,
        };

    /// <summary>Counts up or down; nothing is kept of a candidate that knows all.</summary>
    public static ImmutableSortedDictionary<string, int> Count(
        this ImmutableSortedDictionary<string, int> untold,
        string candidateId,
        int more
    )
    {
        var count = untold.GetValueOrDefault(candidateId) + more;
        return count > 0 ? untold.SetItem(candidateId, count) : untold.Remove(candidateId);
    }

    private static string CommandId(string userId, long sampleSeq)
    {
        var name = $"{Destination} {userId} {sampleSeq}";
        return $"seed:{XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(name)):x32}";
    }
}
