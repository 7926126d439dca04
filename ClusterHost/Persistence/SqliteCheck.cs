using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>Looks a SQLite file over before a node serves from it.</summary>
public static class SqliteCheck
{
    /// <summary>Up to this size a whole look takes a second or so; larger files are looked at while the node runs.</summary>
    public const long QuickBytes = 200L << 20;

    /// <summary>An empty database is right for a new node only.</summary>
    /// <exception cref="StartRefusedException">There was more in it once.</exception>
    public static void Presence(RalmSettings settings, string file)
    {
        if (Directory.Exists(file))
        {
            throw new StartRefusedException($"{file} is a folder, and must be the database");
        }

        var info = new FileInfo(file);
        if (info is { Exists: true, Length: > 0 })
        {
            return;
        }

        var what = info.Exists ? "is empty" : "is missing";
        if (FolderMark.In(settings.Node.DataPath).Misses(file, what) is { } missing)
        {
            throw new StartRefusedException(missing);
        }

        var models = settings.Storage.Models;
        if (
            models.StartsWith(settings.Node.DataPath + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && Directory.Exists(models)
            && Directory.EnumerateFileSystemEntries(models).Any()
        )
        {
            throw new StartRefusedException(
                $"{file} {what}, but there are models in {models}: restore the database from a backup "
                    + "(docs/operations.md); to begin anew with nothing, move the models away"
            );
        }
    }

    public static bool IsQuick(string file) => new FileInfo(file).Length <= QuickBytes;

    /// <exception cref="StartRefusedException">The file is damaged.</exception>
    public static async Task Refuse(SqlDatabase database, CancellationToken ct)
    {
        if (await Damage(database, ct) is { } damage)
        {
            throw new StartRefusedException(
                $"{database.SqliteFile} is damaged (quick_check: {damage}): restore it from a backup (docs/operations.md)"
            );
        }
    }

    /// <summary>The first lines of what <c>PRAGMA quick_check</c> finds, or <c>null</c>.</summary>
    public static async Task<string?> Damage(SqlDatabase database, CancellationToken ct)
    {
        try
        {
            await using var connection = database.ConnectApart();
            await connection.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(3)";
            await using var rows = await command.ExecuteReaderAsync(ct);
            var found = new List<string>();
            while (await rows.ReadAsync(ct))
            {
                found.Add(rows.GetString(0).ReplaceLineEndings("; "));
            }

            return found is ["ok"] ? null : string.Join("; ", found);
        }
        catch (SqliteException e) when (DatabaseFault.IsDamage(e))
        {
            return e.Message;
        }
    }
}
