using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// A test that this node has not heard of is asked for before anybody who names it is scored: it may be new, or mistyped.
/// Where nobody answers, the champion serves, as beside every test that cannot be shown.
/// </summary>
/// <param name="patience">How long a request waits.</param>
/// <param name="timers">Of the scorer, that hears the answers.</param>
/// <param name="release">What becomes of those that have waited.</param>
internal sealed class NewExperiments(
    IReadOnlyActorRegistry regions,
    TimeSpan patience,
    ITimerScheduler timers,
    IActorRef scorer,
    Action<PendingScore> release
)
{
    private readonly UnknownFamilies<PendingScore> _unknown = new(FollowedFamilies.MaxWaiting);

    /// <summary>False: the test is known, or nobody can be asked.</summary>
    public bool Wait(PendingScore first, ServingTable table)
    {
        var experimentId = first.Request.ExperimentId;
        if (
            experimentId.Length == 0
            || table.Tests.ContainsKey(experimentId)
            || ScoreRules.Check(first.Request) is not null
            || !regions.TryGet<AbTestRegion>(out var tests)
        )
        {
            return false;
        }

        var isFirst = !_unknown.Awaited.Contains(experimentId);
        if (!_unknown.Wait(first, experimentId))
        {
            return false;
        }

        if (isFirst)
        {
            tests.Tell(new GetRunningExperiment { ExperimentId = experimentId }, scorer);
            timers.After(TimerOf(experimentId), patience, () => LetIn(experimentId));
        }

        return true;
    }

    /// <summary>The test is known now, or nobody has answered: those who named it are scored.</summary>
    public void LetIn(string experimentId)
    {
        foreach (var first in EndWait(experimentId))
        {
            release(first);
        }
    }

    /// <summary>Names are the callers' to make up: none is kept in mind.</summary>
    public void Refuse(string experimentId)
    {
        var rejection = Rejections.NotFound("experiment_id", experimentId, "has not been created");
        foreach (var first in EndWait(experimentId))
        {
            first.Refuse(rejection);
        }
    }

    private IReadOnlyList<PendingScore> EndWait(string experimentId)
    {
        if (!_unknown.Awaited.Contains(experimentId))
        {
            return [];
        }

        timers.Cancel(TimerOf(experimentId));
        return _unknown.Refuse(experimentId);
    }

    private static string TimerOf(string experimentId) => $"experiment {experimentId}";
}
