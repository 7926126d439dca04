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

        var group = EventGroup.Of([.. events]);
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
        var e = Assert.Throws<ArgumentException>(() => EventGroup.Of([new ProfileUpdated(), new ExperimentCreated()]));

        Assert.Contains("ExperimentCreated needs a row of its own", e.Message, StringComparison.Ordinal);
    }
}
