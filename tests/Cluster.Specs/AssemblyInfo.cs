using RalmActors.TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
