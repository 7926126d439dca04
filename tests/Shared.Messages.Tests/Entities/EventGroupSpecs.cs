using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public sealed class EventGroupSpecs
{
    [Fact]
    public void A_group_comes_back_from_its_bytes_in_order()
    {
        IEvent[] events = [new ProfileUpdated(), new SliceReleased { LineageId = "champion", ThroughSeq = 7 }];

        var group = Assert.IsType<EventGroup>(Assert.Single(EventGroup.RowsOf([.. events])));
        var read = WireTypes.Parse(
            EventGroup.Descriptor.FullName,
            Google.Protobuf.MessageExtensions.ToByteArray(group)
        );

        Assert.Equal(events, EventGroup.EventsOf(read));
        Assert.Equal(events, EventGroup.EventsOf(group));
    }

    [Fact]
    public void An_event_that_is_followed_over_all_entities_is_in_no_group()
    {
        IEvent[] events = [new ProfileUpdated(), new ProfileUpdated(), new ExperimentCreated(), new ProfileUpdated()];

        var rows = EventGroup.RowsOf([.. events]);

        Assert.Equal(
            [typeof(EventGroup), typeof(ExperimentCreated), typeof(ProfileUpdated)],
            rows.Select(row => row.GetType())
        );
        Assert.Equal(events, rows.SelectMany(row => EventGroup.EventsOf(row)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(128, 1)]
    [InlineData(129, 2)]
    [InlineData(1_000, 8)]
    public void A_row_holds_128_events_at_most_and_none_is_lost(int events, int rows)
    {
        IEvent[] all = [.. Enumerable.Range(1, events).Select(k => new SliceReleased { ThroughSeq = k })];

        var written = EventGroup.RowsOf([.. all]);

        Assert.Equal(rows, written.Length);
        Assert.Equal(all, written.SelectMany(row => EventGroup.EventsOf(row)));
    }
}
