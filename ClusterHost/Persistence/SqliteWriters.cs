using Akka.Actor;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>One writer for all journals of a node's file.</summary>
public sealed class SqliteWriters : IExtension
{
    private readonly Lazy<SqliteWriter> _writer;

    private SqliteWriters(ActorSystem system)
    {
        Database =
            system.Settings.Setup.Get<SqliteFileSetup>().Value?.Database
            ?? throw new InvalidOperationException("the node has not said which file its journals are in");
        _writer = new Lazy<SqliteWriter>(() => new SqliteWriter(Database));
        system.RegisterOnTermination(() =>
        {
            if (_writer.IsValueCreated)
            {
                _writer.Value.Dispose();
            }
        });
    }

    public SqlDatabase Database { get; }

    public SqliteWriter Writer => _writer.Value;

    public static SqliteWriters Of(ActorSystem system) => system.WithExtension<SqliteWriters, Provider>();

    private sealed class Provider : ExtensionIdProvider<SqliteWriters>
    {
        public override SqliteWriters CreateExtension(ExtendedActorSystem system) => new(system);
    }
}

/// <summary>Tells the journals of an actor system their file.</summary>
public sealed class SqliteFileSetup(SqlDatabase database) : Akka.Actor.Setup.Setup
{
    public SqlDatabase Database => database;
}
