using System.Data.Common;
using RalmActors.ClusterHost.Persistence;

namespace RalmActors.ClusterHost.Cluster;

/// <summary>
/// Looks a SQLite file over while the node runs: at the start where the file is too large to wait for, every hour, and at
/// once when somebody has met damage in it.
/// </summary>
public sealed class IntegrityLook(SqlDatabase database, BeatState state, ILogger<IntegrityLook> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.SqliteFile is not { } file)
        {
            return;
        }

        var isLookedAt = SqliteCheck.IsQuick(file);
        while (true)
        {
            if (isLookedAt)
            {
                await database.DamageMet.WaitAsync(Every, stoppingToken);
            }

            isLookedAt = true;
            await LookOver(stoppingToken);
        }
    }

    private async Task LookOver(CancellationToken ct)
    {
        try
        {
            var damage = await SqliteCheck.Damage(database, ct);
            if (state.Damaged(damage) && damage is not null)
            {
                log.LogCritical("The database is damaged (quick_check: {Damage}): restore it from a backup", damage);
            }
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            log.LogWarning("The database could not be checked: {Message}", e.Message);
        }
    }
}
