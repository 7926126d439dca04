using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// Keeps a promotion going until the registry has it: makes the moves of one <see cref="PromotionAttempt"/> after the other at
/// the step it is at.
/// </summary>
/// <param name="experiment">As it is now.</param>
/// <param name="self">Hears <see cref="Answered"/>, what scorers report, and the timers.</param>
internal sealed class PromotionDriver(
    Func<ExperimentState> experiment,
    ShadowWatch shadow,
    TimeSpan retryAfter,
    IReadOnlyActorRegistry regions,
    ITimerScheduler timers,
    ILoggingAdapter log,
    IActorRef self
)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private bool _isUnderWay;

    private ExperimentState Experiment => experiment();

    /// <summary>Takes up what the test says is still to be done.</summary>
    public void GoOn()
    {
        shadow.Follow(Experiment);
        if (Experiment.IsPromoting && !_isUnderWay)
        {
            _isUnderWay = true;
            _ = Move(new PromotionAttempt(Experiment));
        }
    }

    /// <summary>What has come of a move.</summary>
    /// <returns>What the test is to be told; null: the attempt goes on, or has come to nothing.</returns>
    public ICommand? Hear(Answered m)
    {
        var reply = m.Answer switch
        {
            Answer<IWireMessage>.Given given => given.Reply,
            _ => null,
        };
        var isKnown = reply is not null || (m.Answer is Answer<IWireMessage>.NotFound && m.Sent.Message is IQuery);
        if (isKnown && m.Attempt.Hear(m.Sent, reply) is { } next)
        {
            return Move(next);
        }

        log.Warning("{0}: the promotion will be tried again: {1}", Experiment.ExperimentId, m.Answer);
        TryAgainLater();
        return null;
    }

    /// <summary>What a scorer has seen.</summary>
    /// <returns>What the test is to be told; null: it is about another promotion.</returns>
    public ICommand? Hear(ShadowReport report) =>
        shadow.Hear(report, Experiment)
            ? WithShadow(PromotionCommands.Step(Experiment, new TakePromotionStep()))
            : null;

    private ICommand? Move(PromotionAttempt attempt)
    {
        switch (attempt.Next)
        {
            case PromotionMove.Send send:
                _ = Ask(send).PipeTo(self, success: answer => new Answered(attempt, send, answer));
                return null;
            case PromotionMove.Conclude then:
                TryAgainLater();
                return WithShadow(then.Command);
            default:
                throw new InvalidOperationException($"{attempt.Next} is no move");
        }
    }

    private Task<Answer<IWireMessage>> Ask(PromotionMove.Send send) =>
        OutboxSender.WayTo(regions, send.Region) is { } region
            ? region.AskFor<IWireMessage>(send.Message, Deadline)
            : Task.FromResult<Answer<IWireMessage>>(
                new Answer<IWireMessage>.Unavailable($"{send.Region.Name} is not there yet")
            );

    private void TryAgainLater()
    {
        _isUnderWay = false;
        timers.After(nameof(GoOn), retryAfter, GoOn);
    }

    private ICommand WithShadow(ICommand then)
    {
        if (then is TakePromotionStep step)
        {
            shadow.Tell(step);
        }

        return then;
    }

    /// <param name="Attempt">Before the answer.</param>
    internal sealed record Answered(PromotionAttempt Attempt, PromotionMove.Send Sent, Answer<IWireMessage> Answer)
        : INoSerializationVerificationNeeded;
}
