using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Snapshot;
using PluginSnapshotStore = Akka.Persistence.Sql.Snapshot.SqlSnapshotStore;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The snapshot store of Akka.Persistence.Sql with the hand of <see cref="SqliteWriteJournal"/>: a snapshot shares the
/// transaction of the events around it, where it would hold up both the writer and a thread of the pool.
/// </summary>
public sealed class SqliteSnapshotStore : PluginSnapshotStore
{
    private readonly ByteArrayLongSnapshotSerializer _serializer;
    private readonly string _table;
    private readonly SqliteWriter _writer;

    public SqliteSnapshotStore(Config config)
        : base(config)
    {
        var settings = new SnapshotConfig(config.WithFallback(SqlPersistence.DefaultSnapshotConfiguration));
        _serializer = new ByteArrayLongSnapshotSerializer(Context.System.Serialization, settings);
        _table = settings.TableConfig.SnapshotTable.Name;
        _writer = SqliteWriters.Of(Context.System).Writer;
    }

    protected override Task SaveAsync(
        SnapshotMetadata metadata,
        object snapshot,
        CancellationToken cancellationToken
    ) => _writer.Add(new SnapshotWork(_table, _serializer.Serialize(metadata, snapshot).Get()));

    protected override Task DeleteAsync(
        string persistenceId,
        SnapshotSelectionCriteria criteria,
        CancellationToken cancellationToken
    ) =>
        criteria is { MaxTimeStamp: var time, MaxSequenceNr: < long.MaxValue } && time == DateTime.MaxValue
            ? _writer.Add(new SnapshotDeletion(_table, persistenceId, criteria.MaxSequenceNr))
            : base.DeleteAsync(persistenceId, criteria, cancellationToken);
}
