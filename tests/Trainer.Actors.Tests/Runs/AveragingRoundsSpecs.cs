using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class AveragingRoundsSpecs
{
    [Theory]
    [InlineData(2, 3, 14, new[] { 5, 11, 13 })]
    [InlineData(3, 1, 6, new[] { 2, 5 })]
    [InlineData(2, 10_000, 3, new[] { 2 })]
    [InlineData(16, 10_000, 1, new[] { 0 })]
    public void A_round_ends_when_every_worker_has_had_its_batches_and_with_the_epoch(
        int workers,
        int every,
        int batches,
        int[] ends
    )
    {
        var rounds = new AveragingRounds(workers, every);

        Assert.Equal(ends, Enumerable.Range(0, batches).Where(b => rounds.EndsAfter(b, batches)));
    }

    [Fact]
    public void Workers_take_batches_in_turn()
    {
        var rounds = new AveragingRounds(3, 2);

        Assert.Equal([0, 1, 2, 0, 1, 2, 0], Enumerable.Range(0, 7).Select(rounds.WorkerOf));
    }
}
