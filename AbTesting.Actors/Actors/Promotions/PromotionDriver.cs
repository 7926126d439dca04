using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// Keeps a promotion going until the registry has it: begins the step it is at again and again, and hears meanwhile what
/// scorers see of a version in shadow.
/// </summary>
/// <param name="experiment">As it is now.</param>
/// <param name="topics">The publish/subscribe mediator.</param>
/// <param name="self">Hears how a step has gone, what scorers report, and the timers.</param>
internal sealed class PromotionDriver(
    Func<ExperimentState> experiment,
    TimeSpan retryAfter,
    IReadOnlyActorRegistry regions,
    IActorRef topics,
    TimeProvider clock,
    ITimerScheduler timers,
    IActorRef self
)
{
    private readonly ShadowSums _shadow = new();
    private bool _isUnderWay;

    private ExperimentState Test => experiment();

    /// <summary>What all scorers together have seen of the version in shadow.</summary>
    public ShadowCounts Seen => _shadow.Sum;

    /// <summary>Takes up what the test says is still to be done.</summary>
    public void GoOn()
    {
        FollowShadow();
        if (!Test.IsPromoting || _isUnderWay)
        {
            return;
        }

        _isUnderWay = true;
        _ = Promotion
            .Run(Test, regions)
            .PipeTo(self, success: then => new Promotion.Done(then), failure: cause => new Promotion.Failed(cause));
    }

    /// <summary>What the test is to be told of a step that was begun.</summary>
    public ICommand Hear(Promotion.Done done)
    {
        TryAgainLater();
        return WithShadow(done.Then);
    }

    /// <summary>A step could not be begun.</summary>
    public void TryAgainLater()
    {
        _isUnderWay = false;
        timers.After(nameof(GoOn), retryAfter, GoOn);
    }

    /// <summary>What the test is to be told of what a scorer has seen.</summary>
    /// <returns>Null: it is about another promotion.</returns>
    public ICommand? Hear(ShadowReport report)
    {
        var isOurs =
            _shadow.Follows
            && report.Family == Test.Definition!.Family
            && report.VersionId == Test.Promotion!.VersionId
            && report.ChampionVersionId == PromotionSteps.ChampionOf(Test);
        if (!isOurs)
        {
            return null;
        }

        _shadow.Hear(report);
        return WithShadow(Promotion.Step(Test, new TakePromotionStep()));
    }

    /// <summary>Scorers say again and again what they have seen: nothing is lost by hearing it from now on only.</summary>
    private void FollowShadow()
    {
        var follows = PromotionSteps.At(Test) == PromotionStep.Shadow;
        if (follows != _shadow.Follows)
        {
            _shadow.Restart(follows, clock.GetUtcNow());
            topics.Tell(follows ? new Subscribe(Topics.Shadows, self) : new Unsubscribe(Topics.Shadows, self));
        }
    }

    /// <summary>Where nobody asks the champion nothing comes: it is judged each time the step is looked at as well.</summary>
    private ICommand WithShadow(ICommand then)
    {
        if (then is TakePromotionStep { Step: PromotionStep.Shadow } step)
        {
            (step.Shadow, step.Settled) = (_shadow.Sum, _shadow.IsSettled(clock.GetUtcNow()));
        }

        return then;
    }
}
