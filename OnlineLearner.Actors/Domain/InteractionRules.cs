using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>What an interaction and a profile must look like to be accepted, and what an accepted one becomes.</summary>
internal static class InteractionRules
{
    /// <summary>The lineage that learns from an interaction that names none.</summary>
    public const string DefaultLineage = "champion";

    public const int MaxLineages = 16;

    /// <summary>Samples one user may hold for a lineage that has not learned them; then senders come back later.</summary>
    public const int MaxPendingSamples = 4_096;

    /// <summary>Bytes of one sample on the wire. A slice of several must fit a remoting frame of 128,000 bytes.</summary>
    public const int MaxSampleBytes = 16 * 1024;

    public static Rejection? Check(UpdateProfile c) =>
        c.Profile is null ? Rejections.Invalid("profile", "", "must be set")
        : FeatureRules.Check("profile", c.Profile) is { } bad ? bad
        : TooLarge("profile", c.Profile.CalculateSize());

    public static Rejection? Check(RecordInteraction c, DateTimeOffset now) =>
        Ids.Check("candidate_id", c.CandidateId)
        ?? (c.CandidateId == c.UserId ? Rejections.Invalid("candidate_id", c.CandidateId, "must not be user_id") : null)
        ?? (c.ExposureId.Length > 0 ? Ids.Check("exposure_id", c.ExposureId) : null)
        ?? CheckLabel(c)
        ?? (c.HasPosition ? Limits.Within("position", c.Position, 1, DecisionRules.MaxCandidates) : null)
        ?? (c.HasPropensity ? DecisionRules.CheckPropensity("propensity", c.Propensity) : null)
        ?? Timestamps.CheckPast("occurred_at", c.OccurredAt, now)
        ?? CheckLineages(c)
        ?? LookAlikeRules.Check("look_alike", c.LookAlike.Span)
        ?? Limits.Must(
            !c.HasScore || c.Score is >= 0 and <= 1,
            "score",
            c.Score.ToString(CultureInfo.InvariantCulture),
            "must be 0 to 1, as the score's answer had it"
        )
        ?? Limits.Must(
            !c.HasWeight || c.Weight is > 0 and <= 100,
            "weight",
            c.Weight.ToString(CultureInfo.InvariantCulture),
            "must be above 0, at most 100"
        )
        ?? FeatureRules.Check("user", c.User)
        ?? FeatureRules.Check("candidate", c.Candidate)
        ?? FeatureRules.Check("context", c.Context)
        ?? TooLarge("interaction", c.CalculateSize());

    /// <summary>Those named must be there; one that was not named need not be.</summary>
    public static Rejection? Check(RecordInteraction c, LineageFacts facts)
    {
        for (var i = 0; i < c.LineageIds.Count; i++)
        {
            if (facts.Missing.Contains(c.LineageIds[i]))
            {
                return Rejections.NotFound($"lineage_ids[{i}]", c.LineageIds[i], facts.Rule);
            }
        }

        return null;
    }

    /// <summary>Who learns from it, as far as it is there.</summary>
    public static IEnumerable<string> LineagesOf(RecordInteraction c) =>
        c.LineageIds.Count == 0 ? [DefaultLineage] : c.LineageIds.Distinct(StringComparer.Ordinal);

    public static IEnumerable<string> LineagesOf(RecordInteraction c, LineageFacts facts) =>
        LineagesOf(c).Where(id => !facts.Missing.Contains(id));

    public static Sample ToSample(RecordInteraction c, Features? profile, DateTimeOffset now)
    {
        var sample = new Sample
        {
            InteractionId = c.Header.CommandId,
            UserId = c.UserId,
            CandidateId = c.CandidateId,
            User = c.User is { Items.Count: > 0 } ? c.User : profile,
            Candidate = c.Candidate,
            Context = c.Context,
            Label = c.Label,
            ExposureId = c.ExposureId,
            OccurredAt = c.OccurredAt ?? Timestamp.FromDateTimeOffset(now),
            LookAlike = c.LookAlike,
        };
        if (c.HasScore)
        {
            sample.Score = c.Score;
        }

        if (c.HasWeight)
        {
            sample.Weight = c.Weight;
        }

        if (c.HasPosition)
        {
            sample.Position = c.Position;
        }

        if (c.HasPropensity)
        {
            sample.Propensity = c.Propensity;
        }

        return sample;
    }

    private static Rejection? CheckLabel(RecordInteraction c) =>
        c is { HasLabel: true, Label: >= 0 and <= 1 }
            ? null
            : Rejections.Invalid(
                "label",
                c.HasLabel ? c.Label.ToString(CultureInfo.InvariantCulture) : "",
                "must be set, 0 to 1"
            );

    // 0001-01-01 to 9999-12-31, as protobuf defines it.
    internal static Rejection? CheckTime(string field, Timestamp? at) =>
        at is null or { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 }
            ? null
            : Rejections.Invalid(field, $"{at.Seconds}s {at.Nanos}ns", "must be a time of the years 1 to 9999");

    private static Rejection? CheckLineages(RecordInteraction c)
    {
        if (c.LineageIds.Count > MaxLineages)
        {
            return Rejections.Invalid("lineage_ids", c.LineageIds.Count, $"must be at most {MaxLineages}");
        }

        for (var i = 0; i < c.LineageIds.Count; i++)
        {
            if (Ids.Check($"lineage_ids[{i}]", c.LineageIds[i]) is { } bad)
            {
                return bad;
            }
        }

        return null;
    }

    private static Rejection? TooLarge(string field, int bytes) =>
        bytes <= MaxSampleBytes
            ? null
            : Rejections.Invalid(field, $"{bytes} bytes", $"must be at most {MaxSampleBytes:N0} bytes");
}
