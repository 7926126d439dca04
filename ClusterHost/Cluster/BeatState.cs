using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Persistence;

namespace RalmActors.ClusterHost.Cluster;

/// <summary>What a node's last write to its database told, for health checks to read.</summary>
public sealed class BeatState
{
    /// <summary>A write that has not come back for so long is one that does not come back.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private const string NotYet = "not written to yet";

    private readonly Lock _lock = new();
    private long _written = Stopwatch.GetTimestamp();
    private string? _fault = NotYet;
    private string? _damage;
    private string? _foreign = "not claimed yet";

    /// <summary>How far this node's clock and the database's are apart, in seconds; null: not known, or the same clock.</summary>
    public double? ClockSkew { get; set; }

    /// <summary>The database takes writes now, and nothing in it is known to be damaged.</summary>
    public HealthCheckResult Database
    {
        get
        {
            lock (_lock)
            {
                return _damage is not null ? HealthCheckResult.Unhealthy("the database is damaged")
                    : _fault is not null ? HealthCheckResult.Unhealthy($"the database is {_fault}")
                    : Stopwatch.GetElapsedTime(_written) > Patience
                        ? HealthCheckResult.Unhealthy("a write to the database has not come back")
                    : HealthCheckResult.Healthy();
            }
        }
    }

    /// <summary>The database is this node's cluster's.</summary>
    public HealthCheckResult Claim
    {
        get
        {
            lock (_lock)
            {
                return _foreign is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(_foreign);
            }
        }
    }

    /// <returns>What was the matter until now, or <c>null</c>.</returns>
    public string? Written()
    {
        lock (_lock)
        {
            var told = _fault;
            (_fault, _written) = (null, Stopwatch.GetTimestamp());
            return told == NotYet ? null : told;
        }
    }

    /// <returns>True when that is news.</returns>
    public bool Failed(Exception e)
    {
        lock (_lock)
        {
            var fault = DatabaseFault.Of(e);
            if (_fault == fault || (DatabaseFault.MayPass(e) && Stopwatch.GetElapsedTime(_written) < Patience))
            {
                return false;
            }

            _fault = fault;
            return true;
        }
    }

    /// <returns>True when that is news.</returns>
    public bool Damaged(string? damage)
    {
        lock (_lock)
        {
            var isNews = _damage != damage;
            _damage = damage;
            return isNews;
        }
    }

    /// <param name="foreign">Why the database is not this cluster's, or <c>null</c>: it is.</param>
    /// <returns>True when that is news.</returns>
    public bool Claimed(string? foreign)
    {
        lock (_lock)
        {
            var isNews = _foreign != foreign;
            _foreign = foreign;
            return isNews;
        }
    }
}

/// <summary><see cref="BeatState.Database"/> as a health check.</summary>
public sealed class DatabaseCheck(BeatState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(state.Database);
}

/// <summary><see cref="BeatState.Claim"/> as a health check.</summary>
public sealed class ClaimCheck(BeatState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(state.Claim);
}
