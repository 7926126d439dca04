using Google.Protobuf.WellKnownTypes;

namespace RalmActors.Messages.Entities;

/// <summary>The one rule for when something is said to have happened: from 1970 on, and not in the future.</summary>
public static class Timestamps
{
    /// <summary>Clocks differ; what comes from further ahead is a mistake.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>The rejection for a bad time, or <c>null</c> when it is a good one or left out.</summary>
    public static Rejection? CheckPast(string field, Timestamp? at, DateTimeOffset now) =>
        at is null || IsFrom1970(at) && at.Seconds <= (now + Ahead).ToUnixTimeSeconds()
            ? null
            : Rejections.Invalid(field, Text(at), "must be from 1970 on and at most 5 minutes ahead");

    /// <summary>As in JSON, where it is a time of the years 1 to 9999.</summary>
    public static string Text(Timestamp at) =>
        at is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 }
            ? at.ToString().Trim('"')
            : $"{at.Seconds}s {at.Nanos}ns";

    private static bool IsFrom1970(Timestamp at) => at is { Seconds: >= 0, Nanos: >= 0 and <= 999_999_999 };
}
