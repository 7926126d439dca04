using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain;

/// <summary>What a report of some hours is put together from.</summary>
public static class ReportPlan
{
    /// <summary>Series in a report; the others are counted.</summary>
    public const int MaxSeries = 150;

    private const double MaxHours = 17_520;
    private const double Hour = 3600;
    private const int Steps = 288;
    private const int GapIntervals = 3;

    public static Rejection? Check(GetMonitorReport asked) =>
        Limits.Must(
            !asked.HasHours || asked.Hours is >= 0.1 and <= MaxHours,
            "hours",
            asked.HasHours ? asked.Hours : "",
            $"must be 0.1 to {MaxHours}"
        );

    /// <summary>About three hundred steps, of whole tiers where they are long enough.</summary>
    public static double StepSeconds(double hours) =>
        (hours * Hour / Steps) switch
        {
            <= 30 => 30,
            <= 300 => 300,
            <= Hour and var step => Math.Ceiling(step / 300) * 300,
            var step => Math.Ceiling(step / Hour) * Hour,
        };

    /// <summary>Three intervals or more without a sampling; the interval is the usual one.</summary>
    /// <param name="unixMs">Of samplings, oldest first.</param>
    public static IEnumerable<Gap> Gaps(IReadOnlyList<long> unixMs)
    {
        if (unixMs.Count < 3)
        {
            return [];
        }

        long[] pauses = [.. unixMs.Skip(1).Zip(unixMs, (later, earlier) => later - earlier).Order()];
        var usual = Math.Max(1, pauses[pauses.Length / 2]);
        return unixMs
            .Skip(1)
            .Zip(unixMs, (later, earlier) => (From: earlier, To: later))
            .Where(p => p.To - p.From > GapIntervals * usual)
            .Select(p => new Gap { From = At(p.From), To = At(p.To) });
    }

    public static Timestamp At(long unixMs) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
}
