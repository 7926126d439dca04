using RalmActors.ClusterHost.Tests.Node;
using RalmActors.ClusterHost.Tests.Training;
using RalmActors.TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(SharedNode))]
[assembly: AssemblyFixture(typeof(TrainedTown))]
// Nodes wait for one another, and for their own ticks, most of the time.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
