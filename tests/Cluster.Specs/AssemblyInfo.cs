using RalmActors.Cluster.Specs.Support;
using RalmActors.TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
