using Google.Protobuf;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>A unit's first exposure is the earliest, whenever it arrives.</summary>
public sealed class FirstExposureSpecs
{
    private static readonly Metric Soon = new()
    {
        Name = "soon",
        Kind = MetricKind.Binary,
        WindowSeconds = 3600,
        CountAtOnce = true,
    };

    private static readonly Metric Spent = new()
    {
        Name = "spent",
        Kind = MetricKind.Continuous,
        WindowSeconds = 7200,
        Adjusted = true,
        CountAtOnce = true,
    };

    private static readonly Metric Later = new()
    {
        Name = "later",
        Kind = MetricKind.Count,
        FromSeconds = 1800,
        WindowSeconds = 5400,
        CountAtOnce = true,
    };

    private static readonly Metric[] All = [Match, Soon, Spent, Later, PerShown];

    [Fact]
    public void An_outcome_between_a_late_exposure_and_the_one_before_it_counts_once_that_arrives()
    {
        var cell = Given(Configure(Match), Expose("ann", "a", minute: 60), Outcome("ann", minute: 30));
        Assert.Equal((1L, 0L), (cell.Untimely, Of(cell, "a", "match").Converted));

        cell = Given(
            Configure(Match),
            Expose("ann", "a", minute: 60),
            Outcome("ann", minute: 30),
            Expose("ann", "a", minute: 0)
        );

        Assert.Equal((0L, 1L), (cell.Untimely, Of(cell, "a", "match").Converted));
        Assert.Equal(1, Of(cell, "a", "match").Units);
    }

    [Fact]
    public void An_outcome_whose_window_proves_to_be_over_counts_no_more()
    {
        var cell = Given(
            Configure(Soon, Spent),
            Expose("ann", "a", minute: 60, before: 1),
            Outcome("ann", "soon", minute: 90),
            Outcome("ann", "spent", 5, minute: 90),
            Outcome("ann", "spent", 7, minute: 130),
            Expose("ann", "a", minute: 0)
        );

        Assert.Equal(0, Of(cell, "a", "soon").Converted);
        Assert.Equal(5, ArmTotals.Of(Of(cell, "a", "spent")).Moments.Mean);
        Assert.Equal(2, cell.Untimely);
    }

    [Fact]
    public void The_phase_is_that_of_the_earliest()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Configure(Match));
        core.Apply(Recorded("b", phase: 2, minute: 60));
        core.Apply(Recorded("b", phase: 1, minute: 0));
        core.Apply(Recorded("b", phase: 3, minute: 90));

        Assert.Equal([(1, 1L), (2, 0L)], core.State.Statistics.Select(s => (s.Phase, s.Units)));
    }

    [Fact]
    public void A_later_exposure_is_no_event()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Configure(Match), Expose("ann", "a", minute: 5));

        Assert.Empty(core.Decide(Expose("ann", "a", minute: 6), Now).Events);
        Assert.Single(core.Decide(Expose("ann", "a", minute: 4), Now).Events);
    }

    [Fact]
    public void Whatever_the_order_of_arrival_the_cell_is_the_same() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var metrics = new Metric[5];
            for (var m = 0; m < metrics.Length; m++)
            {
                metrics[m] = All[m].Clone();
            }

            metrics[2].Name = "revenue";
            var messages = new List<ICommand>();
            foreach (var unit in Enumerable.Range(0, 20))
            {
                var arm = random.Next(2) == 0 ? "a" : "b";
                foreach (var minute in Enumerable.Range(0, 240).OrderBy(_ => random.Next()).Take(random.Next(4)))
                {
                    messages.Add(Expose($"u{unit}", arm, minute, before: random.Next(9)));
                }

                for (var i = random.Next(8); i > 0; i--)
                {
                    var name = new[] { "match", "soon", "revenue", "later", "likes", "shown" }[random.Next(6)];
                    messages.Add(Outcome($"u{unit}", name, random.Next(-3, 9) / 4.0, random.Next(300)));
                }
            }

            var sent = Given([Configure(metrics), .. messages]);
            var shuffled = Given([Configure(metrics), .. messages.OrderBy(_ => random.Next())]);

            Assert.Equal(sent.Statistics.Where(s => s.Units > 0), shuffled.Statistics.Where(s => s.Units > 0));
            Assert.Equal((sent.Waiting, sent.Untimely), (shuffled.Waiting, shuffled.Untimely));
            var snapshot = CellSnapshot.Parser.ParseFrom(shuffled.ToSnapshot().ToByteArray());
            var again = CellState.FromSnapshot("t/0", snapshot);
            Assert.Equal(snapshot, again.ToSnapshot());
            Assert.Equal((shuffled.Waiting, shuffled.Kept.Count), (again.Waiting, again.Kept.Count));
            // The earliest decides, so that alone would have been enough.
            Assert.Equal(Counted(Given([Configure(metrics), .. Earliest(messages)])), Counted(shuffled));
        });

    [Fact]
    public void Kept_outcomes_are_found_again_in_any_number() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var (table, ledger) = (OutcomeTable.Empty, new Dictionary<ulong, List<KeptOutcome>>());
            for (var i = random.Next(2_000); i > 0; i--)
            {
                var unit = (ulong)random.NextInt64() | ((ulong)random.Next(2) << 63);
                unit =
                    random.Next(3) == 0 && ledger.Count > 0 ? ledger.Keys.ElementAt(random.Next(ledger.Count)) : unit;
                var outcome = new KeptOutcome((uint)random.Next(50), (byte)random.Next(3), random.Next(9));
                table = table.Add(unit, outcome);
                (ledger.TryGetValue(unit, out var own) ? own : ledger[unit] = []).Add(outcome);
                if (random.Next(10) == 0)
                {
                    ledger[unit] = [.. ledger[unit].Order().Where(_ => random.Next(2) == 0)];
                    table = table.Keep(unit, ledger[unit]);
                }
            }

            var snapshot = new CellSnapshot();
            table.CopyTo(snapshot);
            var again = OutcomeTable.From(snapshot);
            Assert.Equal(ledger.Values.Sum(l => l.Count), table.Count);
            Assert.All(ledger, unit => Assert.Equal(unit.Value.Order(), table.Of(unit.Key)));
            Assert.All(ledger, unit => Assert.Equal(unit.Value.Order(), again.Of(unit.Key)));
            Assert.Equal(snapshot.KeptUnits.Order(), snapshot.KeptUnits);
        });

    private static IEnumerable<ArmStatistics> Counted(CellState cell) => cell.Statistics.Where(s => s.Units > 0);

    private static IEnumerable<ICommand> Earliest(IEnumerable<ICommand> messages) =>
        messages
            .OfType<RecordExposure>()
            .GroupBy(e => e.Unit, StringComparer.Ordinal)
            .Select(g => g.MinBy(e => e.OccurredAt.Seconds)!)
            .Concat<ICommand>(messages.OfType<RecordOutcome>());

    private static ExposureRecorded Recorded(string arm, int phase, double minute) =>
        new()
        {
            Unit = "ann",
            Arm = arm,
            Phase = phase,
            OccurredAt = At(minute),
        };
}
