using Akka.Actor;
using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// A lineage that has just been read does not know yet whether its files are there. Whoever asks waits for that, and not for
/// long: who asks seldom would never hear of it otherwise.
/// </summary>
/// <param name="patience">However little is known.</param>
internal sealed class LineageQuestions(IWithTimers owner, TimeSpan patience, Action<IQuery, IActorRef> answer)
{
    private readonly List<(IQuery Query, IActorRef To)> _held = [];
    private bool _isHolding;

    public void Hold()
    {
        _isHolding = true;
        owner.Timers.After(nameof(LineageQuestions), patience, Answer);
    }

    public bool Holds(IQuery query, IActorRef to)
    {
        if (_isHolding)
        {
            _held.Add((query, to));
        }

        return _isHolding;
    }

    public void Answer()
    {
        if (_isHolding)
        {
            _isHolding = false;
            owner.Timers.Cancel(nameof(LineageQuestions));
            _held.ForEach(held => answer(held.Query, held.To));
            _held.Clear();
        }
    }
}
