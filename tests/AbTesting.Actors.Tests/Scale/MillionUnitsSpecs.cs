using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Scale;

/// <summary>What a million units of one test weigh: in memory, as snapshots, and how long they take to come back.</summary>
[Collection(AloneCollection.Name)]
public sealed class MillionUnitsSpecs(ITestOutputHelper output)
{
    private const int CellCount = 16;
    private static readonly int Units = Seeds.IsLong ? 1_000_000 : 100_000;
    private static readonly DateTimeOffset Shown = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, 66)]
    [InlineData(1, 0, 74)]
    [InlineData(0, 2, 67)]
    [InlineData(0, 4, 68)]
    public void A_unit_costs_two_dozen_bytes_twenty_for_each_id_eight_for_every_sum_and_two_for_its_segments(
        int sums,
        int segments,
        int mostBytes
    )
    {
        Metric[] metrics =
        [
            new() { Name = "match", Kind = MetricKind.Binary },
            .. Enumerable.Range(0, sums).Select(i => new Metric { Name = $"sum-{i}", Kind = MetricKind.Continuous }),
        ];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var cells = Fill(metrics, segments);
        var filled = watch.Elapsed;
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Units;

        var snapshots = cells.Select(c => c.ToSnapshot().ToByteArray()).ToArray();
        watch.Restart();
        CellState[] restored =
        [
            .. snapshots.Select((s, i) => CellState.FromSnapshot($"t/{i}", CellSnapshot.Parser.ParseFrom(s))),
        ];
        var took = watch.Elapsed;

        output.WriteLine(
            $"{Units:N0} units, 1 binary metric, {sums} sums, {segments} segments and 2 ids: {bytes:F1} B a unit in memory, "
                + $"{snapshots.Sum(s => s.Length) / (double)Units:F1} B in snapshots of {snapshots[0].Length / 1024.0:N0} KiB; "
                + $"{Units * 2 / filled.TotalSeconds:N0} events applied a second; restored in {took.TotalSeconds:F2} s"
        );
        Assert.InRange(bytes, 1, mostBytes);
        for (var i = 0; i < CellCount; i++)
        {
            Assert.Equal(cells[i].Units.Count, restored[i].Units.Count);
            Assert.Equal(cells[i].Ids.Count, restored[i].Ids.Count);
            Assert.Equal(cells[i].Statistics, restored[i].Statistics);
            Assert.Equal(cells[i].Totals.SegmentStatistics, restored[i].Totals.SegmentStatistics);
        }
    }

    private static CellState[] Fill(Metric[] metrics, int segments)
    {
        Segment[] split =
        [
            .. Enumerable
                .Range(0, segments)
                .Select(s => new Segment
                {
                    Feature = $"f{s}",
                    Values = { Enumerable.Range(0, 8).Select(v => $"v{v}") },
                }),
        ];
        var cells = new CellState[CellCount];
        for (var i = 0; i < CellCount; i++)
        {
            cells[i] = CellState
                .Empty($"t/{i}")
                .Apply(
                    new CellConfigured
                    {
                        Arms = { "a", "b" },
                        Metrics = { metrics },
                        Segments = { split },
                    }
                );
        }

        var shown = Timestamp.FromDateTimeOffset(Shown);
        for (var u = 0; u < Units; u++)
        {
            var (unit, cell) = ($"user-{u}", u % CellCount);
            cells[cell] = cells[cell]
                .Apply(
                    new ExposureRecorded
                    {
                        Header = new EventHeader { CausationId = $"shown-{u}" },
                        Command = (ulong)u << 17,
                        Unit = unit,
                        Arm = u % 3 == 0 ? "a" : "b",
                        Phase = 1,
                        OccurredAt = shown,
                        Segments = { split.Select((_, s) => $"v{u / (s + 1) % 9}") },
                    }
                )
                .Apply(
                    new OutcomeRecorded
                    {
                        Header = new EventHeader { CausationId = $"match-{u}" },
                        Command = (ulong)u << 19,
                        Unit = unit,
                        Metric = metrics[^1].Name,
                        Value = u % 5,
                        OccurredAt = shown,
                    }
                );
        }

        return cells;
    }
}
