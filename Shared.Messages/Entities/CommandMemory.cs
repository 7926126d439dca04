using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace RalmActors.Messages.Entities;

/// <summary>
/// The accepted commands an entity still recognises: all of at least <paramref name="rememberFor"/>, however many they are.
/// It is rebuilt from the events' headers, so it is as durable as they are. Time is that of the events: from one to the next
/// it moves on by an hour at most and never back, so a clock that was wrong for a while makes nothing forgotten early.
/// </summary>
/// <param name="rememberFor">1 hour to 90 days.</param>
public sealed class CommandMemory(TimeSpan rememberFor)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);
    public static readonly TimeSpan Default = TimeSpan.FromDays(7);

    /// <summary>Also the margin for senders' clocks: what has just become too old to be taken is still recognised.</summary>
    private static readonly long LargestStepMs = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private readonly Dictionary<ulong, Accepted> _known = [];
    private readonly Queue<(ulong Id, long SeenMs)> _oldestFirst = new();
    private readonly long _rememberMs = (long)rememberFor.TotalMilliseconds + LargestStepMs;
    private ulong _newest;
    private long _newestAtMs;
    private long _seenMs;
    private long _oldestMs = long.MaxValue;

    public TimeSpan RememberFor { get; } =
        rememberFor >= Shortest && rememberFor <= Longest
            ? rememberFor
            : throw new ArgumentOutOfRangeException(nameof(rememberFor), rememberFor, "must be 1 hour to 90 days");

    public int Count => _known.Count;

    /// <param name="Body">0: not known, as all of them where an earlier release wrote it.</param>
    /// <param name="SequenceNr">What was answered; 0: not known.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Accepted(ulong Body, ulong Fields, long SequenceNr, CommandNote Note)
    {
        public bool IsOtherThan(CommandDigest command) => Body != 0 && Body != command.Body;

        public CommandDigest Digest => new() { Body = Body, Fields = Fields };
    }

    public bool TryGet(string commandId, out Accepted accepted) => _known.TryGetValue(Digest(commandId), out accepted);

    /// <summary>Time moves on, old commands are forgotten, and the event's cause is remembered if it is to be.</summary>
    public void Observe(EventHeader? header, long sequenceNr)
    {
        if (header?.At is { } at)
        {
            MoveOn(at.Seconds * 1000 + at.Nanos / 1_000_000);
        }

        if (header is { Idempotent: false, CausationId.Length: > 0 })
        {
            Remember(header, sequenceNr);
        }
    }

    public RememberedCommands ToMessage()
    {
        var message = new RememberedCommands { NewestAtMs = _newestAtMs, SeenMs = _seenMs };
        var (seen, sequenceNr) = (0L, 0L);
        foreach (var (id, seenMs) in _oldestFirst)
        {
            var accepted = _known[id];
            message.Ids.Add(id);
            message.Bodies.Add(accepted.Body);
            message.Fields.Add(accepted.Fields);
            message.SeenSteps.Add(seenMs - seen);
            message.SequenceSteps.Add(accepted.SequenceNr - sequenceNr);
            message.Notes.Add(accepted.Note);
            (seen, sequenceNr) = (seenMs, accepted.SequenceNr);
        }

        return message;
    }

    public void Restore(EntitySnapshot snapshot)
    {
        _known.Clear();
        _oldestFirst.Clear();
        _oldestMs = long.MaxValue;
        var message = snapshot.Remembered ?? new RememberedCommands();
        (_newestAtMs, _seenMs) = (message.NewestAtMs, message.SeenMs);
        foreach (var digest in MemoryMarshal.Cast<byte, UInt128>(snapshot.Dedup.Span))
        {
            Add((ulong)digest, default, _seenMs);
        }

        var (seen, sequenceNr) = (0L, 0L);
        for (var i = 0; i < message.Ids.Count; i++)
        {
            seen += message.SeenSteps[i];
            sequenceNr += message.SequenceSteps[i];
            Add(message.Ids[i], new Accepted(message.Bodies[i], message.Fields[i], sequenceNr, message.Notes[i]), seen);
        }

        Forget();
    }

    private void MoveOn(long atMs)
    {
        _seenMs += _newestAtMs == 0 ? 0 : Math.Clamp(atMs - _newestAtMs, 0, LargestStepMs);
        _newestAtMs = atMs;
        Forget();
    }

    private void Forget()
    {
        var longAgo = _seenMs - _rememberMs;
        if (_oldestMs >= longAgo)
        {
            // At nearly every event: the queue is not touched.
            return;
        }

        while (_oldestFirst.TryPeek(out var oldest) && oldest.SeenMs < longAgo)
        {
            _known.Remove(_oldestFirst.Dequeue().Id);
        }

        _oldestMs = _oldestFirst.TryPeek(out var kept) ? kept.SeenMs : long.MaxValue;
    }

    private void Remember(EventHeader header, long sequenceNr)
    {
        var id = Digest(header.CausationId);
        if (_known.TryGetValue(id, out var known))
        {
            // A command of several events was answered with the last one's number.
            if (id == _newest && known.SequenceNr == sequenceNr - 1)
            {
                _known[id] = known with { SequenceNr = sequenceNr };
            }

            return;
        }

        Add(id, new Accepted(header.Command?.Body ?? 0, header.Command?.Fields ?? 0, sequenceNr, header.Note), _seenMs);
    }

    private void Add(ulong id, Accepted accepted, long seenMs)
    {
        if (_known.TryAdd(id, accepted))
        {
            _oldestFirst.Enqueue((id, seenMs));
            _oldestMs = Math.Min(_oldestMs, seenMs);
            _newest = id;
        }
    }

    private static ulong Digest(string commandId)
    {
        Span<byte> utf8 = stackalloc byte[Ids.MaxLength];
        var length = Encoding.UTF8.GetBytes(commandId, utf8);
        return (ulong)XxHash128.HashToUInt128(utf8[..length]);
    }
}
