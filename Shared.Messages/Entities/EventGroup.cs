using System.Collections.Immutable;
using Google.Protobuf;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

public sealed partial class EventGroup : IWireMessage
{
    private ImmutableArray<IEvent> _unpacked;

    /// <summary>The events that a row of a journal holds.</summary>
    /// <param name="row">An event, or a group of them.</param>
    public static ImmutableArray<IEvent> EventsOf(IWireMessage row) =>
        row is EventGroup group ? group.Unpacked() : [(IEvent)row];

    /// <exception cref="ArgumentException">One of them is followed over all entities: it is found by a row of its own.</exception>
    public static EventGroup Of(ImmutableArray<IEvent> events)
    {
        if (events.FirstOrDefault(e => e is IFollowedEvent) is { } followed)
        {
            throw new ArgumentException($"{followed.Descriptor.Name} needs a row of its own", nameof(events));
        }

        return new EventGroup
        {
            Events =
            {
                events.Select(e => new GroupedEvent { Manifest = e.Descriptor.FullName, Event = e.ToByteString() }),
            },
            _unpacked = events,
        };
    }

    private ImmutableArray<IEvent> Unpacked() =>
        _unpacked.IsDefault
            ? _unpacked = [.. Events.Select(e => (IEvent)WireTypes.Parse(e.Manifest, e.Event.Span))]
            : _unpacked;
}
