using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Simulation;

/// <summary>
/// Both arms have the same rate, but people of one answer within an hour and those of the other within a day. Looked at
/// every hour while units come for three days.
/// </summary>
public sealed class LateAnswerSpecs(ITestOutputHelper output)
{
    private const int Day = 86_400;
    private const int Days = 3;
    private const double Rate = .3;

    private static readonly int Tests = Seeds.IsLong ? 200 : 20;
    private static readonly int Units = 3_000;
    private static readonly DateTimeOffset Start = GivenExperiment.Now;

    [Fact]
    public void The_arm_that_answers_sooner_does_not_win()
    {
        var winners = Enumerable.Range(1, Tests).Count(seed => NamesAWinner(seed, atOnce: false));

        output.WriteLine($"{winners} of {Tests} name a winner");
        // At most the level and three standard errors.
        Assert.InRange(winners, 0, (int)((.05 * Tests) + (3 * Math.Sqrt(.05 * .95 * Tests))));
    }

    [Fact]
    public void Where_units_count_at_once_it_does()
    {
        var winners = Enumerable.Range(1, Tests).Count(seed => NamesAWinner(seed, atOnce: true));

        output.WriteLine($"{winners} of {Tests} name a winner");
        Assert.InRange(winners, .95 * Tests, Tests);
    }

    private static bool NamesAWinner(int seed, bool atOnce)
    {
        var random = new Random(seed);
        var metric = new Metric
        {
            Name = "match",
            Kind = MetricKind.Binary,
            WindowSeconds = Day,
            CountAtOnce = atOnce,
        };
        var core = GivenExperiment.Given(
            GivenExperiment.Create(d =>
            {
                d.Cells = 1;
                d.OnVerdict = AutomaticAction.Wait;
                d.Metrics.Add(metric);
            }),
            GivenExperiment.Start()
        );
        var cell = CellState.Empty("t/0").Apply(Configured(metric));
        var events = Events(random);
        var next = 0;
        for (var hour = 1; hour <= (Days + 1) * 24; hour++)
        {
            var until = Start.AddHours(hour).ToUnixTimeSeconds();
            for (; next < events.Length && events[next].At <= until; next++)
            {
                cell = cell.Apply(events[next].Event);
            }

            var mature = MatureTotals.Of(cell, until);
            var report = GivenExperiment.Report(0, cell.Revision, [.. mature.Statistics]);
            (report.MaturedUntil, report.NextMaturesAt) = (until, mature.NextAt);
            GivenExperiment.Then(core, report);
            if (VerdictRule.FindingOf(core.State) is Finding.ArmWins or Finding.ControlWins)
            {
                return true;
            }
        }

        return false;
    }

    private static CellConfigured Configured(Metric metric) => new() { Arms = { "a", "b" }, Metrics = { metric } };

    private static (long At, IEvent Event)[] Events(Random random)
    {
        var events = new List<(long At, IEvent Event)>();
        for (var u = 0; u < Units; u++)
        {
            var (at, arm) = (Start.AddSeconds(random.Next(Days * Day)), random.Next(2) == 0 ? "a" : "b");
            events.Add(
                (
                    at.ToUnixTimeSeconds(),
                    new ExposureRecorded
                    {
                        Unit = $"u{u}",
                        Arm = arm,
                        Phase = 1,
                        OccurredAt = Timestamp.FromDateTimeOffset(at),
                    }
                )
            );
            if (random.NextDouble() < Rate)
            {
                var answers = at.AddSeconds(random.Next(arm == "b" ? 3_600 : Day));
                events.Add(
                    (
                        answers.ToUnixTimeSeconds(),
                        new OutcomeRecorded
                        {
                            Unit = $"u{u}",
                            Metric = "match",
                            Value = 1,
                            OccurredAt = Timestamp.FromDateTimeOffset(answers),
                        }
                    )
                );
            }
        }

        return [.. events.OrderBy(e => e.At)];
    }
}
