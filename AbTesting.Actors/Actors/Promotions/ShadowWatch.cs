using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Serving;

namespace RalmActors.AbTesting.Actors;

/// <summary>Hears what scorers see of a version in shadow, as long as its promotion is at that step.</summary>
/// <param name="topics">The publish/subscribe mediator.</param>
/// <param name="self">Hears <see cref="ShadowReport"/>.</param>
internal sealed class ShadowWatch(IActorRef topics, TimeProvider clock, IActorRef self)
{
    private readonly ShadowSums _sums = new();

    /// <summary>Of all scorers together.</summary>
    public ShadowCounts Seen => _sums.Sum;

    /// <summary>Scorers say again and again what they have seen: nothing is lost by hearing it from now on only.</summary>
    public void Follow(ExperimentState experiment)
    {
        var follows = PromotionSteps.At(experiment) == PromotionStep.Shadow;
        if (follows != _sums.Follows)
        {
            _sums.Restart(follows, clock.GetUtcNow());
            topics.Tell(follows ? new Subscribe(Topics.Shadows, self) : new Unsubscribe(Topics.Shadows, self));
        }
    }

    /// <returns>False: it is about another promotion.</returns>
    public bool Hear(ShadowReport report, ExperimentState experiment)
    {
        var isOurs =
            _sums.Follows
            && report.Family == experiment.Definition!.Family
            && report.VersionId == experiment.Promotion!.VersionId
            && report.ChampionVersionId == PromotionSteps.ChampionOf(experiment);
        if (isOurs)
        {
            _sums.Hear(report);
        }

        return isOurs;
    }

    /// <summary>Where nobody asks the champion nothing comes: it is judged each time the step is looked at as well.</summary>
    public void Tell(TakePromotionStep step)
    {
        if (step.Step == PromotionStep.Shadow)
        {
            (step.Shadow, step.Settled) = (_sums.Sum, _sums.IsSettled(clock.GetUtcNow()));
        }
    }
}
