using RalmActors.TestSupport;

namespace RalmActors.ClusterHost.Tests.Persistence;

public sealed class SqlitePersistenceSpecs : PersistenceContract
{
    protected override Task<Dictionary<string, string>> Settings() =>
        Task.FromResult(new Dictionary<string, string>(StringComparer.Ordinal));
}

public sealed class PostgresPersistenceSpecs(PostgresServer postgres) : PersistenceContract
{
    protected override async Task<Dictionary<string, string>> Settings() =>
        new(StringComparer.Ordinal)
        {
            ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
            ["RALM__PERSISTENCE__CONNECTION_STRING"] = await postgres.NewDatabase(),
        };
}
