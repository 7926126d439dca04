using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.AbTesting.Domain.Traffic;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Traffic;

/// <summary>The units of one family, and what is sent to their owner.</summary>
internal static class GivenTraffic
{
    private static int _tickets;

    public static EntityCore<TrafficState> Given(params ICommand[] commands) =>
        Then(new EntityCore<TrafficState>("city"), commands);

    public static EntityCore<TrafficState> Then(EntityCore<TrafficState> core, params ICommand[] commands)
    {
        foreach (var command in commands)
        {
            var decision = core.Decide(command, GivenTest.Now);
            Assert.Null(decision.Rejection);
            foreach (var e in decision.Events)
            {
                core.Apply(e);
            }
        }

        return core;
    }

    public static Rejection Refused(EntityCore<TrafficState> core, ICommand command)
    {
        var decision = core.Decide(command, GivenTest.Now);
        Assert.Empty(decision.Events);
        return decision.Rejection!;
    }

    public static ClaimTraffic Claim(string testId, Action<TrafficClaim>? change = null, bool begun = true)
    {
        var claim = new TrafficClaim
        {
            TestId = testId,
            Ticket = $"ticket-{Interlocked.Increment(ref _tickets)}",
            Begun = begun,
        };
        change?.Invoke(claim);
        return new ClaimTraffic
        {
            Header = GivenTest.Header(),
            Family = "city",
            Claim = claim,
        };
    }

    public static ClaimTraffic Claim(string testId, int from, int to, string layer = "l") =>
        Claim(testId, c => c.Layer = Layer(from, to, layer));

    public static ClaimTraffic Noted(string testId, Action<TrafficClaim> change)
    {
        var claim = Claim(testId, change);
        claim.Noted = true;
        return claim;
    }

    public static ReleaseTraffic Release(string testId, string ticket = "") =>
        new()
        {
            Header = GivenTest.Header(),
            Family = "city",
            TestId = testId,
            Ticket = ticket,
        };

    public static SetHoldout Hold(int holdout) =>
        new()
        {
            Header = GivenTest.Header("ann"),
            Family = "city",
            Holdout = holdout,
            Reason = "a control for years",
        };

    public static Layer Layer(int from, int to, string name = "l") =>
        new()
        {
            Name = name,
            From = from,
            To = to,
        };
}
