using System.Data.Common;
using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Cluster;

/// <summary>
/// Writes the node's row every few seconds, on a connection of its own, and renews the claim of its cluster with it. So a
/// node knows within seconds what a sender would find out: that the database takes no writes, or is another cluster's.
/// Registered before the actor system, hence stopped after it: the claim is held until the last entity has stopped.
/// </summary>
public sealed class NodeBeat(
    IServiceProvider services,
    IHostApplicationLifetime lifetime,
    RalmSettings settings,
    SqlDatabase database,
    ClusterClaim claim,
    BeatState state,
    NodeEnd end,
    ILogger<NodeBeat> log
) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(Sql.Patience + 3);

    // Whoever was a member of our cluster while we were: a claim that one of them renewed last is ours.
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private DbConnection? _connection;
    private string _member = "";
    private string _address = "";
    private bool _hasClaimed;
    private (long Beat, long At)? _foreign;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Started(stoppingToken);
        var last = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            var wasUp = _member.Length > 0;
            LookAround();
            var isDue =
                last == 0
                || Stopwatch.GetElapsedTime(last) > settings.Cluster.RenewEvery
                || wasUp != _member.Length > 0;
            if (isDue)
            {
                last = Stopwatch.GetTimestamp();
                await Beat(stoppingToken);
            }

            await Task.Delay(_hasClaimed ? settings.Cluster.RenewEvery : Look, stoppingToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (_connection is not null && _address.Length > 0)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                await _connection
                    .LetGo(database, _address, _member, settings.Cluster.ClaimLapse, patience.Token)
                    .WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException)
        {
            log.LogWarning("The claim could not be let go of: {Fault}", e.Message);
        }

        Drop();
    }

    private async Task Started(CancellationToken ct)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(ct);
    }

    private void LookAround()
    {
        var cluster = Akka.Cluster.Cluster.Get(services.GetRequiredService<ActorSystem>());
        var self = cluster.SelfUniqueAddress;
        _address = AddressOf(self.Address);
        _member = cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.Leaving ? NameOf(self) : "";
        _known.UnionWith(cluster.State.Members.Select(member => NameOf(member.UniqueAddress)));
    }

    private async Task Beat(CancellationToken ct)
    {
        try
        {
            var marker = await Try(ct).WaitAsync(Limit, ct);
            if (state.Written() is { } fault)
            {
                log.LogInformation("The database takes writes; it was {Fault}", fault);
            }

            Judge(marker);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not StartRefusedException)
        {
            Drop();
            if (state.Failed(e))
            {
                log.LogError("The database takes no writes, it is {Fault}: {Message}", DatabaseFault.Of(e), e.Message);
            }
        }
    }

    private async Task<ClusterMarker> Try(CancellationToken ct)
    {
        if (database.SqliteFile is { } file && new FileInfo(file) is { Exists: false } or { Exists: true, Length: 0 })
        {
            throw new FileNotFoundException($"{file} is gone or emptied under the running node", file);
        }

        if (_connection is null)
        {
            var connection = database.ConnectApart();
            _connection = connection;
            await connection.OpenAsync(ct);
            await connection.CreateTables(ct);
        }

        state.ClockSkew = database.SqliteFile is null ? await _connection.ClockSkew(database, ct) : null;
        var node = (_address, settings.Node.Name);
        var marker = await _connection.Beat(database, node, _member, IsOurs, ct);
        if (marker is not null)
        {
            return marker;
        }

        log.LogWarning("The marker of cluster {ClusterId} was gone from its database; made again", claim.ClusterId);
        await _connection.Insert(database, claim.ClusterId, ClusterClaim.Shards, ClusterClaim.Release, ct);
        return (await _connection.Beat(database, node, _member, IsOurs, ct))!;
    }

    /// <summary>
    /// A file has one node. Elsewhere a claim is free when nobody renews it: its age tells, or, where the database's
    /// clock was set back, watching it.
    /// </summary>
    private bool IsOurs(ClusterMarker marker) =>
        marker.ClusterId == claim.ClusterId
        && (
            database.SqliteFile is not null
            || ClaimRule.IsOurs(marker, _known, settings.Cluster.ClaimLapse)
            || (_foreign is { } seen && seen.Beat == marker.Beat && HasLasted(seen.At))
        );

    private void Judge(ClusterMarker marker)
    {
        if (_member.Length == 0)
        {
            return;
        }

        if (IsOurs(marker))
        {
            (_hasClaimed, _foreign) = (true, null);
            if (state.Claimed(null))
            {
                log.LogInformation("The database is that of cluster {ClusterId}, and ours", claim.ClusterId);
            }

            return;
        }

        _foreign ??= (marker.Beat, Stopwatch.GetTimestamp());
        var told = $"the database is held by {marker.HolderName}, which is no member of this node's cluster";
        if (_hasClaimed && state.Claimed("the database has been taken by another cluster"))
        {
            log.LogError("Overtaken: {Told}. Two clusters on one database: stop one of them", told);
        }
        else if (!_hasClaimed && HasLasted(_foreign.Value.At))
        {
            end.Refuse($"{told}: start it with seeds of that cluster, or give it a database of its own");
            lifetime.StopApplication();
        }
    }

    private bool HasLasted(long since) => Stopwatch.GetElapsedTime(since) > settings.Cluster.ClaimLapse;

    private static string AddressOf(Address address) => $"{address.Host}:{address.Port}";

    private static string NameOf(UniqueAddress node) => $"{AddressOf(node.Address)}#{node.Uid}";

    private void Drop()
    {
        var connection = _connection;
        _connection = null;
        // A connection that hangs may hang here too.
        _ = Task.Run(() => connection?.Dispose());
    }
}
