using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.Persistence.Sql;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>A journal plugin of Akka.Persistence.Sql, and, for the default one, its read side.</summary>
public sealed class SqlJournal : JournalOptions
{
    private readonly SqlDatabase _database;

    public SqlJournal(string identifier, SqlDatabase database, bool isDefault)
        : base(isDefault)
    {
        _database = database;
        Identifier = identifier;
        AutoInitialize = true;
    }

    public override string Identifier { get; set; }

    protected override Config InternalDefaultConfig => SqlPersistence.DefaultJournalConfiguration;

    protected override StringBuilder Build(StringBuilder sb)
    {
        sb.AppendLine($"connection-string = {_database.ConnectionString.ToHocon()}");
        sb.AppendLine($"provider-name = {_database.ProviderName.ToHocon()}");
        sb.UseSqliteWriter<SqliteWriteJournal>(_database);

        base.Build(sb);
        if (!IsDefaultPlugin)
        {
            return sb;
        }

        sb.AppendLine($"akka.persistence.query.journal.{Identifier} {{");
        sb.AppendLine("class = \"Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql\"");
        sb.AppendLine($"plugin-id = akka.persistence.query.journal.{Identifier}");
        sb.AppendLine($"write-plugin = {PluginId}");
        sb.AppendLine($"connection-string = {_database.ConnectionString.ToHocon()}");
        sb.AppendLine($"provider-name = {_database.ProviderName.ToHocon()}");
        sb.AppendLine("}");
        return sb;
    }
}

/// <summary>A snapshot store plugin of Akka.Persistence.Sql.</summary>
public sealed class SqlSnapshotStore : SnapshotOptions
{
    private readonly SqlDatabase _database;

    public SqlSnapshotStore(string identifier, SqlDatabase database, bool isDefault)
        : base(isDefault)
    {
        _database = database;
        Identifier = identifier;
        AutoInitialize = true;
    }

    public override string Identifier { get; set; }

    protected override Config InternalDefaultConfig => SqlPersistence.DefaultSnapshotConfiguration;

    protected override StringBuilder Build(StringBuilder sb)
    {
        sb.AppendLine($"connection-string = {_database.ConnectionString.ToHocon()}");
        sb.AppendLine($"provider-name = {_database.ProviderName.ToHocon()}");
        sb.UseSqliteWriter<SqliteSnapshotStore>(_database);
        return base.Build(sb);
    }
}

internal static class SqlitePlugin
{
    /// <summary>Where the database is a file, the plugin is the one that writes by the file's writer.</summary>
    public static void UseSqliteWriter<TPlugin>(this StringBuilder sb, SqlDatabase database)
    {
        if (database.SqliteFile is not null)
        {
            sb.AppendLine($"class = \"{typeof(TPlugin).FullName}, {typeof(TPlugin).Assembly.GetName().Name}\"");
        }
    }
}
