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
            var decision = core.Decide(command, GivenExperiment.Now);
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
        var decision = core.Decide(command, GivenExperiment.Now);
        Assert.Empty(decision.Events);
        return decision.Rejection!;
    }

    public static ClaimTraffic Claim(string experimentId, Action<TrafficClaim>? change = null, bool begun = true)
    {
        var claim = new TrafficClaim
        {
            ExperimentId = experimentId,
            RegistrationId = $"ticket-{Interlocked.Increment(ref _tickets)}",
            Begun = begun,
        };
        change?.Invoke(claim);
        return new ClaimTraffic
        {
            Header = GivenExperiment.Header(),
            Family = "city",
            Claim = claim,
        };
    }

    public static ClaimTraffic Claim(string experimentId, int from, int to, string layer = "l") =>
        Claim(experimentId, c => c.Layer = Layer(from, to, layer));

    public static ClaimTraffic Noted(string experimentId, Action<TrafficClaim> change)
    {
        var claim = Claim(experimentId, change);
        claim.Noted = true;
        return claim;
    }

    public static ReleaseTraffic Release(string experimentId, string ticket = "") =>
        new()
        {
            Header = GivenExperiment.Header(),
            Family = "city",
            ExperimentId = experimentId,
            RegistrationId = ticket,
        };

    public static SetHoldout Hold(int holdout) =>
        new()
        {
            Header = GivenExperiment.Header("ann"),
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
