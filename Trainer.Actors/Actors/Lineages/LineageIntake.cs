using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// What users have offered and no batch has yet. It waits for a full mini-batch, not for long; whoever offered it hears when
/// it is journaled.
/// </summary>
/// <param name="onWaitedEnough">A smaller mini-batch will do now.</param>
internal sealed class LineageIntake(ILineageShell lineage, LineageOptions options, Action onWaitedEnough)
{
    private readonly BatchAssembler _samples = new();
    private readonly Dictionary<string, (OfferSlice Offer, IActorRef ReplyTo)> _offers = new(StringComparer.Ordinal);
    private bool _waitedEnough;

    public bool IsFull => _samples.Count >= options.MaxWaitingSamples;

    /// <summary>The offer must have passed the screening.</summary>
    public void Add(OfferSlice offer, IActorRef replyTo)
    {
        _samples.Add(offer, lineage.State);
        _offers[offer.UserId] = (offer, replyTo);
    }

    /// <summary>The mini-batches that are due.</summary>
    /// <param name="batches">As many as may be accepted now.</param>
    public Decision Cut(int batches)
    {
        var decision = _samples.Cut(lineage.State, batches, _waitedEnough);
        if (!decision.Events.IsEmpty)
        {
            _waitedEnough = false;
            lineage.Timers.Cancel(nameof(WaitedEnough));
        }
        else if (_samples.Count > 0 && !_waitedEnough && !lineage.Timers.IsTimerActive(nameof(WaitedEnough)))
        {
            lineage.Timers.After(nameof(WaitedEnough), options.MaxWait, WaitedEnough);
        }

        return decision;
    }

    /// <summary>Batches are journaled.</summary>
    public void Answer(IEnumerable<BatchAccepted> batches)
    {
        foreach (var mark in batches.SelectMany(b => b.Marks))
        {
            if (_offers.TryGetValue(mark.UserId, out var waiting) && waiting.Offer.ToSeq <= mark.ThroughSeq)
            {
                _offers.Remove(mark.UserId);
                waiting.ReplyTo.Tell(lineage.State.Learned(waiting.Offer, mark.ThroughSeq));
            }
        }
    }

    /// <summary>The lineage has closed.</summary>
    public void Clear()
    {
        _samples.Clear();
        _offers.Clear();
    }

    private void WaitedEnough()
    {
        _waitedEnough = true;
        onWaitedEnough();
    }
}
