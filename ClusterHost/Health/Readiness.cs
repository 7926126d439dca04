using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RalmActors.ClusterHost.Health;

/// <summary>
/// What the last look at the readiness checks said. The endpoints read it with every request and <c>/health/ready</c> answers
/// with it, so neither costs a round trip to anything, and a check that hangs cannot make them wait.
/// </summary>
public sealed class Readiness(ILogger<Readiness> log)
{
    /// <summary>Without news for so long, no is the answer.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(15);

    private volatile Look? _look;
    private volatile bool _isStopping;

    /// <summary>Commands and questions have a point: the node is in its cluster, and its journal works.</summary>
    public bool EndpointsAreOpen => _look is { EndpointsAreOpen: true } look && IsFresh(look);

    /// <summary>What <c>/health/ready</c> says: more than the endpoints ask for, and no as soon as the node is to stop.</summary>
    public ReadyAnswer Answer()
    {
        var look = _look;
        return _isStopping ? ReadyAnswer.No("stopping", "the node has been told to stop")
            : look is null ? ReadyAnswer.No("start", "the node starts")
            : !IsFresh(look) ? ReadyAnswer.No("checks", "the checks have not come back")
            : ReadyAnswer.Of(look.Report);
    }

    /// <summary>What the checks said last; none before the first look.</summary>
    public IReadOnlyDictionary<string, HealthReportEntry> Checks =>
        _look?.Report.Entries ?? new Dictionary<string, HealthReportEntry>(StringComparer.Ordinal);

    /// <summary>So that whoever sends traffic stops before the listener closes.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>What the checks say now.</summary>
    public void Take(HealthReport report)
    {
        var failing = report.Entries.Where(e => e.Value.Status == HealthStatus.Unhealthy).Select(e => e.Key).ToArray();
        var before = _look;
        var gates = report.Entries.Where(e => e.Value.Tags.Contains(HealthTags.Endpoints, StringComparer.Ordinal));
        var look = new Look(report, !gates.Any(e => e.Value.Status == HealthStatus.Unhealthy), failing);
        if (before is null || !before.Failing.SequenceEqual(failing, StringComparer.Ordinal))
        {
            log.LogInformation(
                "Ready: {IsReady}, endpoints open: {EndpointsAreOpen}; failing: {Failing}",
                failing.Length == 0,
                look.EndpointsAreOpen,
                string.Join(", ", failing)
            );
        }

        _look = look;
    }

    private static bool IsFresh(Look look) => Stopwatch.GetElapsedTime(look.At) < Freshness;

    private sealed record Look(HealthReport Report, bool EndpointsAreOpen, string[] Failing)
    {
        public long At { get; } = Stopwatch.GetTimestamp();
    }
}
