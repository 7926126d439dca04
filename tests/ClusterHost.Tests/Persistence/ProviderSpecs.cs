using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

public sealed class SqlitePersistenceSpecs(NodeOnSqlite node) : PersistenceContract(node), IClassFixture<NodeOnSqlite>;

public sealed class PostgresPersistenceSpecs(NodeOnPostgres node)
    : PersistenceContract(node),
        IClassFixture<NodeOnPostgres>;

public sealed class NodeOnSqlite : NodeOnProvider
{
    protected override Task<Dictionary<string, string>> Settings() =>
        Task.FromResult(new Dictionary<string, string>(StringComparer.Ordinal));
}

public sealed class NodeOnPostgres(PostgresServer postgres) : NodeOnProvider
{
    protected override async Task<Dictionary<string, string>> Settings() =>
        new(StringComparer.Ordinal)
        {
            ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
            ["RALM__PERSISTENCE__CONNECTION_STRING"] = await postgres.NewDatabase(),
        };
}
