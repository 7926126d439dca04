using System.Runtime.InteropServices;
using Google.Protobuf;
using Ralm.Models.Training;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>A state on the wire: in pieces that a frame of remoting holds, put together again in the order they were cut.</summary>
internal sealed class StateChunks
{
    /// <summary>
    /// 64 KiB: below the frame of a node that has Akka's default, and heartbeats come between. Remoting copies a message many
    /// times over; from 85,000 bytes on every copy is an object of the large heap, and a state takes three times as long.
    /// </summary>
    public const int Numbers = 16 * 1024;

    private float[] _values = [];
    private int _received;

    public static IEnumerable<StateChunk> Cut(TrainedState state)
    {
        for (var offset = 0; offset == 0 || offset < state.Values.Length; offset += Numbers)
        {
            var part = state.Values.Span.Slice(offset, Math.Min(Numbers, state.Values.Length - offset));
            yield return new StateChunk
            {
                From = state.From,
                Steps = state.Steps,
                Length = state.Values.Length,
                Offset = offset,
                Values = ByteString.CopyFrom(MemoryMarshal.AsBytes(part)),
            };
        }
    }

    /// <summary>The state when this was its last piece, else <c>null</c>. Valid until the next one's first piece.</summary>
    /// <exception cref="InvalidOperationException">A piece before this one was lost.</exception>
    public TrainedState? Add(StateChunk chunk)
    {
        if (chunk.Offset == 0)
        {
            _received = 0;
            _values = _values.Length >= chunk.Length ? _values : new float[chunk.Length];
        }

        if (chunk.Offset != _received)
        {
            throw new InvalidOperationException($"numbers {_received} to {chunk.Offset - 1} of a state were lost");
        }

        var part = MemoryMarshal.Cast<byte, float>(chunk.Values.Span);
        part.CopyTo(_values.AsSpan(_received));
        _received += part.Length;
        return _received == chunk.Length ? new(chunk.From, _values.AsMemory(0, chunk.Length), chunk.Steps) : null;
    }
}
