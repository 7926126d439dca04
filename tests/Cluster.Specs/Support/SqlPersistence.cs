using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.Persistence.Sql;

namespace RalmActors.Cluster.Specs.Support;

public static class SqlPersistenceHosting
{
    /// <summary>Journal and snapshots of one PostgreSQL database.</summary>
    public static AkkaConfigurationBuilder AddSqlPersistence(this AkkaConfigurationBuilder akka, string database) =>
        akka.WithJournalAndSnapshot(
            new Journal(database) { AutoInitialize = true },
            new Snapshots(database) { AutoInitialize = true }
        );

    private static StringBuilder Connect(StringBuilder sb, string database) =>
        sb.AppendLine($"connection-string = {database.ToHocon()}").AppendLine("provider-name = \"PostgreSQL.15\"");

    private sealed class Journal(string database) : JournalOptions(true)
    {
        public override string Identifier { get; set; } = "sql";

        protected override Config InternalDefaultConfig => SqlPersistence.DefaultJournalConfiguration;

        protected override StringBuilder Build(StringBuilder sb) => base.Build(Connect(sb, database));
    }

    private sealed class Snapshots(string database) : SnapshotOptions(true)
    {
        public override string Identifier { get; set; } = "sql";

        protected override Config InternalDefaultConfig => SqlPersistence.DefaultSnapshotConfiguration;

        protected override StringBuilder Build(StringBuilder sb) => base.Build(Connect(sb, database));
    }
}
