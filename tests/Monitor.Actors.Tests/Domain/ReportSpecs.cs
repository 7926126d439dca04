using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Alerts;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

public class ReportSpecs
{
    [Theory]
    [InlineData(0.5, 30)]
    [InlineData(2.4, 30)]
    [InlineData(24, 300)]
    [InlineData(25, 600)]
    [InlineData(168, 2_100)]
    [InlineData(720, 10_800)]
    public void A_report_has_about_three_hundred_steps_of_whole_tiers(double hours, double step) =>
        Assert.Equal(step, ReportPlan.StepSeconds(hours));

    [Fact]
    public void A_gap_is_three_usual_intervals_without_a_sampling()
    {
        long[] times = [0, 30_000, 60_000, 149_000, 179_000, 300_000, 330_000];

        Assert.Equal([(179_000L, 300_000L)], ReportPlan.Gaps(times).Select(g => (Ms(g.From), Ms(g.To))));
        Assert.Empty(ReportPlan.Gaps([0, 900_000]));
    }

    [Fact]
    public void When_alerts_fired_and_when_that_was_over_is_kept_over_a_photograph_and_is_bounded()
    {
        var state = CollectorState.Empty(Source);
        state = Apply(state, Rules("r", Rule(forSeconds: 0)), 0);
        for (var i = 0; i < 500; i++)
        {
            state = Apply(state, Sampling($"s-{i}", T0.AddSeconds(i), ("cpu", i % 2 == 0 ? 95 : 1)), i);
        }

        state = Apply(state, Sampling("last", T0.AddSeconds(500), ("cpu", 99)), 500);
        var firings = (
            (AlertsReply)CollectorState.FromSnapshot(Source, state.ToSnapshot()).Answer(new GetAlerts())
        ).Firings;

        Assert.Equal(FiringLog.MaxFirings, firings.Count);
        Assert.Equal(("cpu-high", "cpu", 99.0), (firings[^1].RuleId, firings[^1].Metric, firings[^1].Value));
        Assert.Null(firings[^1].ResolvedAt);
        Assert.Equal(T0.AddSeconds(498), firings[^2].FiredAt.ToDateTimeOffset());
        Assert.Equal(T0.AddSeconds(499), firings[^2].ResolvedAt.ToDateTimeOffset());
    }

    private static CollectorState Apply(
        CollectorState state,
        RalmActors.Messages.Entities.ICommand command,
        int second
    ) =>
        state
            .Decide(command, T0.AddSeconds(second))
            .Stamp(command.Header, T0.AddSeconds(second))
            .Events.Aggregate(state, (s, e) => s.Apply(e));

    private static long Ms(Google.Protobuf.WellKnownTypes.Timestamp at) =>
        at.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
