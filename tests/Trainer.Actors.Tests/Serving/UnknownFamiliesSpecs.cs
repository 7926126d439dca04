using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class UnknownFamiliesSpecs
{
    private readonly UnknownFamilies<string> _families = new(most: 2);

    [Fact]
    public void Nobody_waits_for_what_is_known()
    {
        Assert.True(_families.Wait("one", "city"));

        Assert.Equal(["one"], _families.Know("city"));
        Assert.False(_families.Wait("two", "city"));
        Assert.Empty(_families.Awaited);
    }

    [Fact]
    public void What_does_not_exist_may_exist_next_time()
    {
        _families.Wait("one", "city");

        Assert.Equal(["one"], _families.Refuse("city"));
        Assert.True(_families.Wait("two", "city"));
        Assert.Equal(["city"], _families.Awaited);
    }

    [Fact]
    public void A_late_word_that_there_is_none_undoes_having_given_it_up()
    {
        _families.Wait("one", "city");
        _families.Know("city");

        Assert.Empty(_families.Refuse("city"));

        Assert.True(_families.Wait("two", "city"));
    }

    [Fact]
    public void Where_there_is_no_room_nobody_waits()
    {
        _families.Wait("one", "city");
        _families.Wait("two", "moon");

        Assert.False(_families.Wait("three", "city"));

        Assert.Equal(["one"], _families.Know("city"));
        Assert.True(_families.Wait("three", "moon"));
    }
}
