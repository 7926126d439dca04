using System.Collections.Immutable;
using Google.Protobuf;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

public sealed partial class EventGroup : IWireMessage
{
    /// <summary>A row is read and written whole.</summary>
    private const int Most = 128;

    private ImmutableArray<IEvent> _unpacked;

    /// <summary>The events that a row of a journal holds.</summary>
    /// <param name="row">An event, or a group of them.</param>
    public static ImmutableArray<IEvent> EventsOf(IWireMessage row) =>
        row is EventGroup group ? group.Unpacked() : [(IEvent)row];

    /// <summary>
    /// The rows that events take which are journaled at once: one, where they are not too many. An event that is followed over
    /// all entities is found by a row of its own.
    /// </summary>
    public static ImmutableArray<IWireMessage> RowsOf(ImmutableArray<IEvent> events)
    {
        var rows = ImmutableArray.CreateBuilder<IWireMessage>();
        for (var (first, next) = (0, 0); first < events.Length; first = next)
        {
            next = first + 1;
            while (next < events.Length && next - first < Most && !IsAlone(events[first]) && !IsAlone(events[next]))
            {
                next++;
            }

            rows.Add(next == first + 1 ? events[first] : Of(events[first..next]));
        }

        return rows.DrainToImmutable();
    }

    private static bool IsAlone(IEvent e) => e is IFollowedEvent;

    private static EventGroup Of(ImmutableArray<IEvent> events) =>
        new()
        {
            Events =
            {
                events.Select(e => new GroupedEvent { Manifest = e.Descriptor.FullName, Event = e.ToByteString() }),
            },
            _unpacked = events,
        };

    private ImmutableArray<IEvent> Unpacked() =>
        _unpacked.IsDefault
            ? _unpacked = [.. Events.Select(e => (IEvent)WireTypes.Parse(e.Manifest, e.Event.Span))]
            : _unpacked;
}
