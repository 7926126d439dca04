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
    private readonly NewFamilies<FirstRequest> _newTests = new(MostFirstRequests);

    /// <summary>False: the test is known, or nobody can be asked.</summary>
    private bool WaitsForTest(FirstRequest first)
    {
        var testId = first.Request.TestId;
        if (
            testId.Length == 0
            || _table.Tests.ContainsKey(testId)
            || ScoreRules.Check(first.Request) is not null
            || !_registry.TryGet<AbTestRegion>(out var tests)
        )
        {
            return false;
        }

        var isFirst = !_newTests.Awaited.Contains(testId);
        if (!_newTests.Wait(first, testId))
        {
            return false;
        }

        if (isFirst)
        {
            tests.Tell(new GetRunningTest { TestId = testId });
            Timers.StartSingleTimer(WaitedForTest.Key(testId), new WaitedForTest(testId), _familyWait);
        }

        return true;
    }

    /// <summary>The test is known now, or nobody has answered: those who named it are scored.</summary>
    private void LetIn(string testId)
    {
        foreach (var first in EndWait(testId))
        {
            RouteOnce(first);
        }
    }

    /// <summary>Names are the callers' to make up: none is kept in mind.</summary>
    private void RefuseTest(string testId)
    {
        var rejection = Decision.NotFound("test_id", testId, "has not been created").Rejection!;
        foreach (var first in EndWait(testId))
        {
            Refuse(first, rejection);
        }
    }

    private IReadOnlyList<FirstRequest> EndWait(string testId)
    {
        if (!_newTests.Awaited.Contains(testId))
        {
            return [];
        }

        Timers.Cancel(WaitedForTest.Key(testId));
        return _newTests.Refuse(testId);
    }

    private sealed record WaitedForTest(string TestId) : INoSerializationVerificationNeeded
    {
        public static string Key(string testId) => $"test {testId}";
    }
}
