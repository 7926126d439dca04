using Google.Protobuf;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// When an entity is photographed: after so many events or bytes, but a large state not before half its own bytes are
/// journaled. So a snapshot costs at most two bytes for each byte of the journal, and a recovery reads at most half as much
/// again as the snapshot has.
/// </summary>
public sealed class SnapshotPace(EntityOptions options)
{
    private long _at;
    private long _size;
    private long _journaled;

    /// <summary>Sequence number of the snapshot before the newest; 0: there is none.</summary>
    public long BeforeNewest { get; private set; }

    public void Journaled(IWireMessage row) => _journaled += row.CalculateSize();

    public bool IsDue(long sequenceNr) =>
        (sequenceNr - _at >= options.SnapshotEvery || _journaled >= options.SnapshotBytes) && 2 * _journaled >= _size;

    /// <summary>A snapshot is taken, or was recovered from.</summary>
    public void Begin(long sequenceNr, EntitySnapshot snapshot)
    {
        if (sequenceNr != _at)
        {
            BeforeNewest = _at;
        }

        (_at, _size, _journaled) = (sequenceNr, snapshot.CalculateSize(), 0);
    }
}
