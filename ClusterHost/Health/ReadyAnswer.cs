using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RalmActors.ClusterHost.Health;

/// <summary>One check as <c>/health/ready</c> tells it.</summary>
public sealed record ReadyCheck(string Name, string Status, string Description);

/// <summary>
/// The body of <c>/health/ready</c>. It asks for no key, so it says no more than what our own checks say of themselves:
/// no exception, path or address.
/// </summary>
public sealed record ReadyAnswer(string Status, IReadOnlyList<ReadyCheck> Checks)
{
    /// <summary>Of the answer; its body says it in words.</summary>
    [JsonIgnore]
    public int StatusCode =>
        Status == nameof(HealthStatus.Unhealthy) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;

    public static ReadyAnswer Of(HealthReport report) =>
        new(
            $"{report.Status}",
            [
                .. report
                    .Entries.OrderBy(e => e.Key, StringComparer.Ordinal)
                    .Select(e => new ReadyCheck(e.Key, $"{e.Value.Status}", Told(e.Value))),
            ]
        );

    public static ReadyAnswer No(string check, string why) =>
        new(nameof(HealthStatus.Unhealthy), [new ReadyCheck(check, nameof(HealthStatus.Unhealthy), why)]);

    /// <summary>Akka's checks put what they caught into their description; ours are written for everybody.</summary>
    private static string Told(HealthReportEntry entry) =>
        entry.Exception is not null || entry.Tags.Contains(HealthTags.Akka, StringComparer.Ordinal)
            ? ""
            : entry.Description ?? "";
}
