using Akka.Actor;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// A test that this node has not heard of is asked for before anybody who names it is scored: it may be new, or mistyped.
/// Where nobody answers, the champion serves, as beside every test that cannot be shown.
/// </summary>
public sealed partial class ScorerActor
{
    private readonly UnknownFamilies<FirstRequest> _newExperiments = new(MaxFirstRequests);

    /// <summary>False: the test is known, or nobody can be asked.</summary>
    private bool WaitsForExperiment(FirstRequest first)
    {
        var experimentId = first.Request.ExperimentId;
        if (
            experimentId.Length == 0
            || _table.Tests.ContainsKey(experimentId)
            || ScoreRules.Check(first.Request) is not null
            || !_registry.TryGet<AbTestRegion>(out var tests)
        )
        {
            return false;
        }

        var isFirst = !_newExperiments.Awaited.Contains(experimentId);
        if (!_newExperiments.Wait(first, experimentId))
        {
            return false;
        }

        if (isFirst)
        {
            tests.Tell(new GetRunningExperiment { ExperimentId = experimentId });
            Timers.After(TimerOf(experimentId), _familyWait, () => LetIn(experimentId));
        }

        return true;
    }

    /// <summary>The test is known now, or nobody has answered: those who named it are scored.</summary>
    private void LetIn(string experimentId)
    {
        foreach (var first in EndWait(experimentId))
        {
            RouteOnce(first);
        }
    }

    /// <summary>Names are the callers' to make up: none is kept in mind.</summary>
    private void RefuseExperiment(string experimentId)
    {
        var rejection = Rejections.NotFound("experiment_id", experimentId, "has not been created");
        foreach (var first in EndWait(experimentId))
        {
            Refuse(first, rejection);
        }
    }

    private IReadOnlyList<FirstRequest> EndWait(string experimentId)
    {
        if (!_newExperiments.Awaited.Contains(experimentId))
        {
            return [];
        }

        Timers.Cancel(TimerOf(experimentId));
        return _newExperiments.Refuse(experimentId);
    }

    private static string TimerOf(string experimentId) => $"experiment {experimentId}";
}
