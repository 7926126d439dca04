using Ralm.Models.Training;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class StateChunksSpecs
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(StateChunks.Numbers)]
    [InlineData((3 * StateChunks.Numbers) + 5)]
    public void A_state_is_put_together_as_it_was_from_pieces_that_frames_hold(int numbers)
    {
        var state = State(numbers);
        var chunks = StateChunks.Cut(state).ToArray();
        var received = new StateChunks();

        var results = chunks.Select(received.Add).ToArray();

        Assert.All(results[..^1], Assert.Null);
        Assert.Equal((7, 5), (results[^1]!.From, results[^1]!.Steps));
        Assert.Equal(state.Values.ToArray(), results[^1]!.Values.ToArray());
        Assert.All(chunks, c => Assert.InRange(c.CalculateSize(), 0, 100_000));
    }

    [Fact]
    public void A_piece_that_was_lost_is_noticed_with_the_next_one()
    {
        var chunks = StateChunks.Cut(State(3 * StateChunks.Numbers)).ToArray();
        var received = new StateChunks();
        received.Add(chunks[0]);

        Assert.Contains(
            $"{StateChunks.Numbers} to",
            Assert.Throws<InvalidOperationException>(() => received.Add(chunks[2])).Message
        );
    }

    [Fact]
    public void A_shorter_state_after_a_longer_one_is_its_own_length()
    {
        var received = new StateChunks();
        foreach (var chunk in StateChunks.Cut(State(200_000)))
        {
            received.Add(chunk);
        }

        Assert.Equal(10, received.Add(StateChunks.Cut(State(10)).Single())!.Values.Length);
    }

    private static TrainedState State(int numbers) =>
        new(7, Enumerable.Range(0, numbers).Select(k => k / 3f).ToArray(), 5);
}
