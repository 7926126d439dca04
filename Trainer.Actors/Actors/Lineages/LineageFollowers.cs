using System.Runtime.InteropServices;
using Akka.Actor;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Those who serve a lineage's weights. Each says again and again that it does; it is told the weights once, and then whenever they
/// are others, as often as the lineage's settings have it. They are no part of the state: a lineage that starts elsewhere hears of
/// them soon.
/// </summary>
/// <param name="clock">Of the lineage.</param>
/// <param name="stays">How long one is told without saying so again.</param>
/// <param name="read">Has the weights read; false: they cannot be now.</param>
internal sealed class LineageFollowers(ILineageShell lineage, TimeProvider clock, TimeSpan stays, Func<bool> read)
{
    private readonly Dictionary<IActorRef, (DateTimeOffset Until, (long Rollbacks, long BatchNr) Known)> _followers =
    [];
    private readonly PublishedAges _ages = new();
    private DateTimeOffset _published;
    private bool _isReading;

    /// <summary>It may know less than it was told: messages get lost.</summary>
    public void Follow(FollowWeights m, IActorRef who)
    {
        var known = (m.KnownRollbacks, m.KnownBatchNr);
        _followers[who] = (clock.GetUtcNow() + stays, known);
        if (known.CompareTo((lineage.State.Rollbacks, lineage.State.BatchesAccepted)) < 0)
        {
            Read();
        }
    }

    /// <summary>The weights are others: they have learned this batch.</summary>
    public void Learned(long batchNr)
    {
        if (_followers.Count == 0)
        {
            return;
        }

        if (lineage.State.SinceCheckpoint.FindLast(b => b.BatchNr == batchNr) is { } batch)
        {
            _ages.Learned(batch);
        }

        if (lineage.Timers.IsTimerActive(nameof(LineageFollowers)))
        {
            return;
        }

        var due = _published + TimeSpan.FromMilliseconds(lineage.State.Settings.PublishEveryMs) - clock.GetUtcNow();
        if (due <= TimeSpan.Zero)
        {
            Read();
        }
        else
        {
            lineage.Timers.After(nameof(LineageFollowers), due, Read);
        }
    }

    public void Tell(WeightsRead weights)
    {
        _isReading = false;
        var now = clock.GetUtcNow();
        _published = now;
        _ages.Published(now);
        foreach (var (gone, _) in _followers.Where(f => f.Value.Until < now).ToArray())
        {
            _followers.Remove(gone);
        }

        PublishedWeights[]? pieces = null;
        var newest = (lineage.State.Rollbacks, weights.BatchNr);
        foreach (var (who, (until, _)) in _followers.Where(f => f.Value.Known.CompareTo(newest) < 0).ToArray())
        {
            pieces ??= [.. Pieces(weights)];
            foreach (var piece in pieces)
            {
                who.Tell(piece);
            }

            _followers[who] = (until, newest);
        }
    }

    public void WriteTo(LineageReply reply) => _ages.WriteTo(reply);

    /// <summary>There is another session, or none: what it was asked is not answered.</summary>
    public void Restart() => _isReading = false;

    private void Read() => _isReading = _isReading || read();

    private IEnumerable<PublishedWeights> Pieces(WeightsRead weights)
    {
        for (var offset = 0; offset < weights.Values.Length; offset += StateChunks.Numbers)
        {
            var numbers = weights.Values.Slice(offset, Math.Min(StateChunks.Numbers, weights.Values.Length - offset));
            yield return new PublishedWeights
            {
                LineageId = lineage.State.LineageId,
                BatchNr = weights.BatchNr,
                Rollbacks = lineage.State.Rollbacks,
                From = weights.From,
                Length = weights.Values.Length,
                Offset = offset,
                Values = ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.Span)),
            };
        }
    }
}
