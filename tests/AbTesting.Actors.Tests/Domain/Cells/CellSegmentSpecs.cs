using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>What a cell knows of the segments its units are in.</summary>
public sealed class CellSegmentSpecs
{
    private static readonly Segment Gender = new() { Feature = "gender", Values = { "f", "m" } };
    private static readonly Segment Town = new() { Feature = "town", Values = { "graz", "linz", "wien" } };

    [Fact]
    public void A_unit_counts_in_its_segment_of_every_feature()
    {
        var cell = Given(
            Split(Gender, Town),
            Shown("u-1", "a", "f", "linz"),
            Shown("u-2", "a", "m", "linz"),
            Outcome("u-2")
        );

        Assert.Equal((1, 0), Of(cell, "gender", "f"));
        Assert.Equal((1, 1), Of(cell, "gender", "m"));
        Assert.Equal((2, 1), Of(cell, "town", "linz"));
        Assert.DoesNotContain(cell.Totals.SegmentStatistics, s => s.Value is "graz" or "wien" or SegmentLayout.Other);
    }

    [Fact]
    public void Who_has_another_value_or_none_that_is_known_is_other()
    {
        var unknown = Expose("u-2", "a");
        var cell = Given(Split(Gender), Shown("u-1", "a", "x", ""), unknown, Outcome("u-1"), Outcome("u-2"));

        Assert.Equal((2, 2), Of(cell, "gender", SegmentLayout.Other));
    }

    [Fact]
    public void The_journal_keeps_the_values_and_nothing_else_that_is_known_of_a_person()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Split(Gender, Town));
        var shown = Shown("u-1", "a", "f", "paris");
        shown.User.Items.Add(new Feature { Name = "age", Number = 44 });

        var journaled = Assert.IsType<ExposureRecorded>(Assert.Single(core.Decide(shown, Now).Events));

        Assert.Equal(["f", "other"], journaled.Segments);
        Assert.DoesNotContain("age", journaled.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_and_one_of_several_texts_are_values_too()
    {
        var rooms = new Segment { Feature = "rooms", Values = { "2", "2.5" } };
        var likes = new Segment { Feature = "likes", Values = { "jazz", "rock" } };
        var layout = new SegmentLayout([rooms, likes]);
        var user = new Features
        {
            Items =
            {
                new Feature { Name = "rooms", Number = 2.5 },
                new Feature
                {
                    Name = "likes",
                    Texts = new TextList { Values = { "opera", "rock", "jazz" } },
                },
            },
        };

        Assert.Equal(["2.5", "jazz"], layout.Read(user));
    }

    [Fact]
    public void A_unit_seen_in_two_arms_leaves_its_segments_too()
    {
        var cell = Given(Split(Gender), Shown("u-1", "a", "f", ""), Outcome("u-1"), Shown("u-1", "b", "f", ""));

        Assert.Empty(cell.Totals.SegmentStatistics);
    }

    [Fact]
    public void A_unit_stays_in_the_segment_it_was_first_seen_in()
    {
        var cell = Given(Split(Gender), Shown("u-1", "a", "f", ""), Shown("u-1", "a", "m", ""), Outcome("u-1"));

        Assert.Equal((1, 1), Of(cell, "gender", "f"));
    }

    [Theory]
    [InlineData(1, 8, 1)]
    [InlineData(2, 8, 1)]
    [InlineData(4, 3, 1)]
    [InlineData(3, 8, 2)]
    [InlineData(4, 8, 2)]
    public void Every_combination_has_a_code_of_its_own_in_as_few_bytes_as_there_are(
        int features,
        int values,
        int bytes
    )
    {
        var layout = new SegmentLayout(
            Enumerable
                .Range(0, features)
                .Select(f => new Segment
                {
                    Feature = $"f{f}",
                    Values = { Enumerable.Range(0, values).Select(v => $"v{v}") },
                })
        );
        Assert.Equal(bytes, layout.Bytes);

        var seen = new HashSet<ushort>();
        foreach (var combination in Combinations(features, values))
        {
            var code = layout.Encode(combination);
            Assert.True(seen.Add(code));
            Assert.Equal(combination, Enumerable.Range(0, features).Select(f => layout.ValueOf(f, code)));
        }

        Assert.All(seen, code => Assert.True(code < 1 << (8 * bytes)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_snapshot_brings_segments_back(int features)
    {
        var layout = Enumerable
            .Range(0, features)
            .Select(f => new Segment { Feature = $"f{f}", Values = { Enumerable.Range(0, 8).Select(v => $"v{v}") } })
            .ToArray();
        var core = Then(new EntityCore<CellState>("t/0"), Split(layout));
        for (var u = 0; u < 600; u++)
        {
            var exposure = Expose($"u-{u}", u % 2 == 0 ? "a" : "b");
            exposure.User = new Features();
            exposure.User.Items.Add(
                layout.Select((s, f) => new Feature { Name = s.Feature, Text = $"v{(u / (f + 1)) % 9}" })
            );
            Then(core, exposure, Outcome($"u-{u}", value: u % 3));
        }

        var again = Restored(core);

        Assert.Equal(core.State.Totals.SegmentStatistics, again.State.Totals.SegmentStatistics);
        Assert.Equal(core.State.ToSnapshot(), again.State.ToSnapshot());
        Assert.Equal(600, again.State.Totals.SegmentStatistics.Where(s => s.Feature == "f0").Sum(s => s.Units));
        var later = Outcome("u-0");
        Assert.Equal(
            Then(core, later).State.Totals.SegmentStatistics,
            Then(again, later).State.Totals.SegmentStatistics
        );
    }

    [Fact]
    public void A_metric_that_is_added_counts_from_zero_in_every_segment()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Split(Gender), Shown("u-1", "a", "f", ""), Outcome("u-1"));
        var wider = Split(Gender);
        wider.Metrics.Add(Letters);
        Then(core, wider, Outcome("u-1", "messages", 3));

        var added = core.State.Totals.SegmentStatistics.Single(s => s.Metric == "messages");
        Assert.Equal((1, "3000000"), (added.Units, added.Sums.Y));
    }

    private static EntityCore<CellState> Restored(EntityCore<CellState> core)
    {
        var again = new EntityCore<CellState>("t/0");
        Assert.True(again.TryRestore(core.ToSnapshot(), core.SequenceNr));
        return again;
    }

    private static IEnumerable<string[]> Combinations(int features, int values) =>
        features == 0
            ?
            [
                [],
            ]
            : Combinations(features - 1, values)
                .SelectMany(c =>
                    Enumerable
                        .Range(0, values)
                        .Select(v => $"v{v}")
                        .Append(SegmentLayout.Other)
                        .Select(v => (string[])[.. c, v])
                );

    private static (long Units, long Converted) Of(CellState cell, string feature, string value)
    {
        var found = cell.Totals.SegmentStatistics.Single(s => s.Feature == feature && s.Value == value);
        return (found.Units, found.Converted);
    }

    private static ConfigureCell Split(params Segment[] segments)
    {
        var configure = Configure(Match);
        configure.Segments.Add(segments);
        return configure;
    }

    private static RecordExposure Shown(string unit, string arm, string gender, string town)
    {
        var exposure = Expose(unit, arm);
        exposure.User = new Features
        {
            Items =
            {
                new Feature { Name = "gender", Text = gender },
                new Feature { Name = "town", Text = town },
            },
        };
        return exposure;
    }
}
