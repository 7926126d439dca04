using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Settings;

/// <summary>Where journals and snapshots are kept.</summary>
/// <param name="Provider">sqlite (default), postgres or mysql.</param>
/// <param name="ConnectionString">Default for sqlite: ralm.db in the data folder. The others need one.</param>
/// <param name="MaxConnections">Connections of one node to a database server, 4 to 1,000, unless the connection string
/// says it. Default 12: seven nodes fit a PostgreSQL as it comes.</param>
public sealed record PersistenceSettings(
    string Provider,
    string ConnectionString,
    int MaxConnections = PersistenceSettings.DefaultMaxConnections
)
{
    public const int DefaultMaxConnections = 12;
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";
    public const string MySql = "mysql";

    /// <summary>For how long at least an accepted command is recognised: 1 to 2,160 hours. Default 168.</summary>
    public TimeSpan RememberCommands { get; init; } = CommandMemory.Default;

    /// <summary>A file of its own, for a node of its own.</summary>
    public static PersistenceSettings OnSqlite(string file) => new(Sqlite, $"Data Source={file};Default Timeout=30");

    internal static PersistenceSettings Read(SettingsReader reader, NodeSettings node)
    {
        var provider = reader.OneOf("Persistence:Provider", Sqlite, Sqlite, Postgres, MySql);
        var connection = reader.Secret("Persistence:ConnectionString");
        reader.Require(
            provider == Sqlite || connection.Length > 0,
            "Persistence:ConnectionString",
            $"must be set for {provider}",
            secret: true
        );
        reader.Require(
            provider != Sqlite || node.Seeds.Count == 0,
            "Persistence:Provider",
            "must be postgres or mysql on a node with seeds: a SQLite file belongs to one node"
        );
        var remember = TimeSpan.FromHours(
            reader.Whole(
                "Persistence:RememberCommands",
                (int)CommandMemory.Default.TotalHours,
                (int)CommandMemory.Shortest.TotalHours,
                (int)CommandMemory.Longest.TotalHours
            )
        );
        var most = reader.Whole("Persistence:MaxConnections", DefaultMaxConnections, 4, 1_000);
        var settings =
            provider == Sqlite && connection.Length == 0
                ? OnSqlite(Path.Combine(node.DataPath, "ralm.db"))
                : new PersistenceSettings(provider, connection, most);
        return settings with { RememberCommands = remember };
    }
}
