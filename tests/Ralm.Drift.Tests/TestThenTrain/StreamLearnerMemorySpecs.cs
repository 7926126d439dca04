using Xunit;

namespace Ralm.Drift.Tests.TestThenTrain;

/// <summary>Weighed by what the whole process holds: nothing else may run beside it.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class StreamLearnerMemorySpecs
{
    private const string Name = "memory";

    [Fact]
    public void Memory_does_not_grow_with_the_rows()
    {
        var stream = new PlantedStream(40_000);
        var learner = stream.Started();
        for (var at = PlantedStream.First; at < 5_000; at++)
        {
            learner.Next(stream.Row(at), stream.Label(at));
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var at = 5_000; at < 40_000; at++)
        {
            learner.Next(stream.Row(at), stream.Label(at));
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 2_000_000);
        GC.KeepAlive(learner);
    }
}
