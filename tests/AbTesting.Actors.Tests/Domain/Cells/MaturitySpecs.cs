using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>A unit counts in a metric once its time for it is over.</summary>
public sealed class MaturitySpecs
{
    private static readonly Metric Day = new()
    {
        Name = "match",
        Kind = MetricKind.Binary,
        WindowSeconds = 86_400,
    };

    private static readonly Metric Hour = new()
    {
        Name = "messages",
        Kind = MetricKind.Count,
        DelaySeconds = 3_600,
    };

    [Fact]
    public void A_unit_waits_until_its_window_is_over_and_then_counts()
    {
        var cell = Given(Configure(Day), Expose("ann", "a"), Outcome("ann"), Expose("bo", "a", minute: 60));
        var end = At(24 * 60).Seconds;

        Assert.Equal((0L, 0L, 2L), Counts(cell, end, "match"));
        Assert.Equal((1L, 1L, 1L), Counts(cell, end + 1, "match"));
        Assert.Equal((2L, 1L, 0L), Counts(cell, end + 3601, "match"));
        Assert.Equal(
            [end + 1, end + 3601, 0],
            new[] { end, end + 1, end + 3601 }.Select(until => MatureTotals.Of(cell, until).NextAt)
        );
    }

    [Fact]
    public void Each_metric_has_a_time_of_its_own_and_one_may_count_at_once()
    {
        var atOnce = Day.Clone();
        (atOnce.Name, atOnce.CountAtOnce) = ("likes", true);
        var cell = Given(Configure(Day, Hour, atOnce), Expose("ann", "a"));
        var now = At(90).Seconds;

        Assert.Equal((0L, 0L, 1L), Counts(cell, now, "match"));
        Assert.Equal((1L, 0L, 0L), Counts(cell, now, "messages"));
        Assert.Equal((1L, 0L, 0L), Counts(cell, At(0).Seconds, "likes"));
    }

    [Fact]
    public void The_later_of_window_and_delay_counts()
    {
        var late = Day.Clone();
        late.DelaySeconds = 2 * 86_400;
        var cell = Given(Configure(late), Expose("ann", "a"));

        Assert.Equal(1, Counts(cell, At(47 * 60).Seconds, "match").Waiting);
        Assert.Equal(0, Counts(cell, At(48 * 60).Seconds + 1, "match").Waiting);
    }

    [Fact]
    public void Day_two_counts_what_happens_on_that_day_alone()
    {
        var second = Day.Clone();
        (second.FromSeconds, second.WindowSeconds) = (86_400, 2 * 86_400);
        var cell = Given(
            Configure(second),
            Expose("ann", "a", minute: -3000),
            Outcome("ann", minute: -3000 + 1439),
            Expose("bo", "a", minute: -3000),
            Outcome("bo", minute: -3000 + 1440),
            Expose("cy", "a", minute: -3000),
            Outcome("cy", minute: -3000 + 2881)
        );

        Assert.Equal((3L, 1L), (Of(cell, "a", "match").Units, Of(cell, "a", "match").Converted));
        Assert.Equal(2, cell.Untimely);
    }

    [Fact]
    public void An_earlier_exposure_that_arrives_late_ends_the_wait_earlier()
    {
        var cell = Given(Configure(Day), Expose("ann", "a", minute: 60), Expose("ann", "a", minute: 0));

        Assert.Equal(At(24 * 60).Seconds + 1, MatureTotals.Of(cell, At(0).Seconds).NextAt);
    }

    [Fact]
    public void Whoever_waits_is_in_no_sum_of_arm_or_segment() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var configure = Configure(Day, Hour, Revenue);
            configure.Segments.Add(new Segment { Feature = "town", Values = { "graz" } });
            var core = Then(new EntityCore<CellState>("t/0"), configure);
            var commands = new List<(long At, List<ICommand> OfUnit)>();
            for (var u = 0; u < 40; u++)
            {
                var minute = random.Next(0, 1000);
                var own = new List<ICommand> { Expose($"u{u}", random.Next(2) == 0 ? "a" : "b", minute) };
                foreach (var name in new[] { "match", "messages", "revenue" }.Where(_ => random.Next(2) == 0))
                {
                    own.Add(Outcome($"u{u}", name, random.Next(1, 5), minute + random.Next(50)));
                }

                commands.Add((At(minute).Seconds, own));
                Then(core, [.. own]);
            }

            var until = At(random.Next(0, 2600)).Seconds;
            foreach (var (metric, maturity) in new[] { ("match", 86_400), ("messages", 3_600), ("revenue", 3_600) })
            {
                var alone = Then(
                    new EntityCore<CellState>("t/0"),
                    [configure, .. commands.Where(c => c.At + maturity < until).SelectMany(c => c.OfUnit)]
                ).State;
                var mature = MatureTotals.Of(core.State, until);
                Assert.Equal(
                    alone.Totals.ByArm.Where(t => t.Key.Metric == metric && t.Value.Units > 0),
                    mature.Totals.ByArm.Where(t => t.Key.Metric == metric && t.Value.Units > 0)
                );
                Assert.Equal(
                    alone.Totals.BySegment.Where(t => t.Key.Metric == metric && t.Value.Units > 0),
                    mature.Totals.BySegment.Where(t => t.Key.Metric == metric && t.Value.Units > 0)
                );
                Assert.Equal(
                    40 - commands.Count(c => c.At + maturity < until),
                    mature.Waiting.Where(w => w.Key.Metric == metric).Sum(w => w.Value)
                );
            }
        });

    private static (long Units, long Converted, long Waiting) Counts(CellState cell, long until, string metric)
    {
        var arm = MatureTotals.Of(cell, until).Statistics.Single(s => s.Metric == metric);
        return (arm.Units, arm.Converted, arm.Waiting);
    }
}
