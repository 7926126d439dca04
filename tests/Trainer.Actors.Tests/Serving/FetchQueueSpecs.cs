using RalmActors.Scorer.Domain.Seeds;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class FetchQueueSpecs
{
    private readonly FetchQueue _asks = new(mostInFlight: 2);

    [Fact]
    public void A_few_are_asked_at_a_time_in_the_order_they_came_and_each_once()
    {
        Add("a", "b", "a", "c");

        Assert.Equal(["a", "b"], Next());
        _asks.Answered("a", more: false);
        Assert.Equal(["c"], Next());
    }

    [Fact]
    public void Whoever_is_wanted_again_while_under_way_is_asked_once_more_after_the_answer()
    {
        Add("a");
        Next();
        Add("a", "a");

        Assert.Empty(Next());
        _asks.Answered("a", more: false);
        Assert.Equal(["a"], Next());
        _asks.Answered("a", more: false);
        Assert.Empty(Next());
    }

    [Fact]
    public void A_part_is_followed_by_the_rest()
    {
        Add("a");
        Next();

        _asks.Answered("a", more: true);

        Assert.Equal(["a"], Next());
    }

    [Fact]
    public void Silence_for_a_whole_turn_is_asked_again_and_holds_up_nobody()
    {
        Add("a", "b", "c");
        Next();

        _asks.Turn();
        Assert.Empty(Next());
        _asks.Turn();

        Assert.Equal(["c", "a"], Next());
    }

    [Fact]
    public void Whoever_is_not_wanted_any_more_is_passed_over()
    {
        Add("a", "b", "c");

        Assert.Equal("c", _asks.Next(id => id == "c"));
        Add("a");
        Assert.Equal(["a"], Next());
    }

    private void Add(params string[] ids) => Array.ForEach(ids, _asks.Add);

    private List<string> Next()
    {
        var asked = new List<string>();
        while (_asks.Next(_ => true) is { } id)
        {
            asked.Add(id);
        }

        return asked;
    }
}
