using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>Folder and database of a node: locked, looked over, and this cluster's. Disposing it unlocks them.</summary>
public sealed class NodeStorage : IDisposable
{
    private readonly DataFolderLock _folder;
    private readonly DataFolderLock? _file;

    private NodeStorage(DataFolderLock folder, DataFolderLock? file, SqlDatabase database)
    {
        _folder = folder;
        _file = file;
        Database = database;
    }

    public SqlDatabase Database { get; }

    /// <param name="say">What the owner should know before anything is logged.</param>
    /// <exception cref="StartRefusedException">Says what is wrong and what to do.</exception>
    public static async Task<(NodeStorage Storage, ClusterClaim Claim)> Open(
        RalmSettings settings,
        Action<string> say,
        CancellationToken ct
    )
    {
        var folder = DataFolderLock.Take(settings.Node.DataPath);
        DataFolderLock? lockOfFile = null;
        try
        {
            var database = SqlDatabase.Of(settings.Persistence);
            lockOfFile = DataFolderLock.TakeDatabase(database.SqliteFile);
            Tighten(settings, database, say);
            if (database.SqliteFile is { } file)
            {
                SqliteCheck.Presence(settings, file);
            }

            var claim = await Prepare(settings, database, say, ct);
            return (new NodeStorage(folder, lockOfFile, database), claim);
        }
        catch
        {
            lockOfFile?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _folder.Dispose();
    }

    private static async Task<ClusterClaim> Prepare(
        RalmSettings settings,
        SqlDatabase database,
        Action<string> say,
        CancellationToken ct
    )
    {
        try
        {
            await database.Prepare(ct);
            if (database.SqliteFile is { } file && SqliteCheck.IsQuick(file))
            {
                await SqliteCheck.Refuse(database, ct);
            }

            return await ClusterClaim.Make(settings, database, say, ct);
        }
        catch (System.Data.Common.DbException e)
        {
            throw new StartRefusedException(DatabaseFault.Explain(e, database.SqliteFile), e);
        }
    }

    private static void Tighten(RalmSettings settings, SqlDatabase database, Action<string> say)
    {
        var data = settings.Node.DataPath;
        string[] own = [.. new[] { "node.lock", "api-key", FolderMark.Name }.Select(name => Path.Combine(data, name))];
        string[] files = database.SqliteFile is { } file ? [file, $"{file}-wal", $"{file}-shm", .. own] : own;
        if (OwnerOnly.Tighten([data], files) is { Count: > 0 } changed)
        {
            say($"now for their owner alone: {string.Join(", ", changed)}");
        }
    }
}
