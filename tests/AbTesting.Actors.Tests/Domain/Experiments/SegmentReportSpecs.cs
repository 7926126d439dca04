using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

public sealed class SegmentReportSpecs
{
    [Fact]
    public void A_segment_is_compared_as_if_it_were_the_whole_test()
    {
        var test = Given(
            Create(Split),
            Start(),
            Report(0, ("f", 600, 60, 600, 90), ("m", 400, 40, 400, 30)),
            Report(1, ("f", 400, 40, 400, 60), ("other", 50, 5, 50, 9))
        );
        var alone = Given(
            Create(d => d.OnVerdict = AutomaticAction.Wait),
            Start(),
            GivenExperiment.Report(0, 1, (1000, 100), (1000, 150))
        );

        var report = SegmentReport.Of(test.State);

        Assert.Equal(["f", "m", "other"], report.Select(s => s.Value));
        Assert.Equal([2000L, 800, 100], report.Select(s => s.Units));
        var (women, same) = (report[0].Comparisons[0].Clone(), VerdictRule.Of(alone.State).Evidence);
        Assert.Equal((same.Effect, same.EffectLow, same.PValue), (women.Effect, women.EffectLow, women.PValue));
        Assert.True(report[1].Comparisons[0].Effect < 0);
    }

    [Fact]
    public void Their_p_values_are_adjusted_for_all_of_them_together()
    {
        var test = Given(
            Create(Split),
            Start(),
            Report(0, ("f", 1000, 100, 1000, 150), ("m", 1000, 100, 1000, 140), ("other", 1000, 100, 1000, 101))
        );

        var compared = SegmentReport.Of(test.State).Select(s => s.Comparisons[0]).ToArray();

        Assert.Equal(
            Multiplicity.BenjaminiHochberg([.. compared.Select(c => c.PValue)]),
            compared.Select(c => c.AdjustedP)
        );
        Assert.True(compared[1].AdjustedP > compared[1].PValue);
    }

    [Fact]
    public void A_newer_report_replaces_the_older_and_a_snapshot_keeps_it()
    {
        var test = Given(Create(Split), Start(), Report(0, ("f", 600, 60, 600, 90)));
        var newer = Report(0, ("f", 700, 70, 700, 99));
        newer.Revision = 2;
        Then(test, newer);

        Assert.Equal(1400, Assert.Single(SegmentReport.Of(test.State)).Units);
        var again = ExperimentState.FromSnapshot("t", test.State.ToSnapshot());
        Assert.Equal(test.State.ToSnapshot(), again.ToSnapshot());
        Assert.Equal(SegmentReport.Of(test.State), SegmentReport.Of(again));
    }

    [Theory]
    [InlineData("definition.segments", "5")]
    [InlineData("definition.segments[1].feature", "gender")]
    [InlineData("definition.segments[0].values", "9")]
    [InlineData("definition.segments[0].values[1]", "other")]
    [InlineData("definition.segments", "1152")]
    public void What_segments_break_is_named(string field, string value)
    {
        var create = Create(d =>
        {
            Split(d);
            switch (value)
            {
                case "5":
                    d.Segments.Add(
                        Enumerable.Range(0, 4).Select(i => new Segment { Feature = $"f{i}", Values = { "v" } })
                    );
                    break;
                case "gender":
                    d.Segments.Add(d.Segments[0]);
                    break;
                case "9":
                    d.Segments[0].Values.Add(Enumerable.Range(0, 7).Select(v => $"v{v}"));
                    break;
                case "other":
                    d.Segments[0].Values[1] = "other";
                    break;
                default:
                    d.Segments.Clear();
                    d.Segments.Add(
                        Enumerable
                            .Range(0, 4)
                            .Select(f => new Segment
                            {
                                Feature = $"f{f}",
                                Values = { Enumerable.Range(0, 8).Select(v => $"v{v}") },
                            })
                    );
                    d.Metrics.Add(new Metric { Name = "match" });
                    d.Metrics.Add(Enumerable.Range(0, 15).Select(m => new Metric { Name = $"m{m}" }));
                    break;
            }
        });

        var refused = Given().Decide(create, Now).Rejection!;
        Assert.Equal((field, value), (refused.Field, refused.Value));
    }

    private static void Split(ExperimentDefinition d)
    {
        d.OnVerdict = AutomaticAction.Wait;
        d.Segments.Add(new Segment { Feature = "gender", Values = { "f", "m" } });
    }

    /// <summary>Of segments of the one feature: units and matches of a, units and matches of b.</summary>
    private static ReportCell Report(
        int cell,
        params (string Value, long UnitsA, long MatchesA, long UnitsB, long MatchesB)[] segments
    )
    {
        var report = GivenExperiment.Report(
            cell,
            1,
            (segments.Sum(s => s.UnitsA), segments.Sum(s => s.MatchesA)),
            (segments.Sum(s => s.UnitsB), segments.Sum(s => s.MatchesB))
        );
        foreach (var s in segments)
        {
            report.Segments.Add(Part(s.Value, Rate("a", s.UnitsA, s.MatchesA)));
            report.Segments.Add(Part(s.Value, Rate("b", s.UnitsB, s.MatchesB)));
        }

        return report;
    }

    private static SegmentStatistics Part(string value, ArmStatistics arm) =>
        ArmTotals.Of(arm).ToMessage(new SegmentKey("gender", value, arm.Arm, arm.Metric));
}
