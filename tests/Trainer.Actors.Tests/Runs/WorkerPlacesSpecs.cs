using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class WorkerPlacesSpecs
{
    [Fact]
    public void Without_other_nodes_all_workers_are_on_the_run_s_own() =>
        Assert.All(Enumerable.Range(0, 16), k => Assert.Null(WorkerPlaces.Of("run", k, 0)));

    [Theory]
    [InlineData(4, 1)]
    [InlineData(3, 2)]
    [InlineData(7, 3)]
    public void Workers_go_round_the_nodes_beginning_with_the_run_s_own(int workers, int others)
    {
        var places = Enumerable.Range(0, workers).Select(k => WorkerPlaces.Of("run", k, others)).ToArray();

        Assert.Null(places[0]);
        var counts = places.CountBy(p => p ?? -1).Select(c => c.Value).ToArray();
        Assert.Equal(Math.Min(workers, others + 1), counts.Length);
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
    }

    [Fact]
    public void Runs_of_two_workers_use_all_nodes() =>
        Assert.Equal(4, Enumerable.Range(0, 40).Select(r => WorkerPlaces.Of($"run-{r}", 1, 4)).Distinct().Count());
}
