using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>A model is asked about tomorrow: what it is judged on comes after what it has seen.</summary>
public sealed class TimeSplitSpecs : IDisposable
{
    private const string ByTime = """{ "rule": "time", "column": "at", "valid": 0.1, "test": 0.2 }""";

    private readonly GivenTables _tables = new();

    public TimeSplitSpecs()
    {
        _tables.Interactions(1_000, ",at", r => $",{At(r)}");
        _tables.Describe(ByTime);
    }

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void Training_rows_come_before_validation_rows_and_those_before_test_rows()
    {
        var data = _tables.Open();

        Assert.Equal((700, 100, 200), (data.Meta.Train, data.Meta.Valid, data.Meta.Test));
        Assert.True(Times(data, Split.Train).Max() < Times(data, Split.Valid).Min());
        Assert.True(Times(data, Split.Valid).Max() < Times(data, Split.Test).Min());
    }

    [Fact]
    public void Dates_with_offsets_and_seconds_are_one_time()
    {
        var seconds = _tables.Prepare().Meta.Hash;
        _tables.Interactions(
            1_000,
            ",at",
            r =>
                $",{DateTimeOffset.FromUnixTimeSeconds(At(r)).ToOffset(TimeSpan.FromHours((r % 24) - 12)):yyyy-MM-ddTHH:mm:sszzz}"
        );

        Assert.Equal(seconds, _tables.Prepare().Meta.Hash);
    }

    [Fact]
    public void A_row_without_a_time_is_refused_by_name()
    {
        _tables.Interactions(100, ",at", r => r == 5 ? "," : $",{At(r)}");

        Assert.Equal(
            "swipes.csv line 7 column at: \"\" is missing; a split by time needs every row's",
            _tables.Refused()
        );
    }

    [Fact]
    public void A_cell_that_is_no_time_is_refused_by_name()
    {
        _tables.Interactions(100, ",at", r => r == 5 ? ",yesterday" : $",{At(r)}");

        Assert.Contains(
            "line 7 column at: \"yesterday\" must be a date and time as ",
            _tables.Refused(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Rows_of_one_day_cannot_be_parted_by_the_day()
    {
        _tables.Interactions(100, ",at", _ => ",2024-05-01");

        Assert.Contains("column at: too many rows have the same time", _tables.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Seeds_are_responses_of_training_rows_and_of_a_history_before_the_validation_rows()
    {
        var prepared = _tables.Open();
        var (before, after) = (Times(prepared, Split.Train).Min() - 5, Times(prepared, Split.Test).Max());
        var first = Times(prepared, Split.Valid).Min();
        _tables.Write(
            "ties.csv",
            ["who,whom,at", $"p0,p39,{before}", $"p1,p39,{first - 1}", $"p2,p39,{first}", $"p3,p39,{after}"]
        );
        _tables.Describe(
            ByTime,
            rest: """, "history": { "file": "ties.csv", "user": "who", "candidate": "whom", "time": "at" }"""
        );

        var info = _tables.Prepare();
        var data = PreparedDataset.Open(info.Path);

        Assert.Equal(2, data.Meta.History);
        Assert.Equal([(0, 39), (1, 39)], data.Responses.TakeLast(2));
        Assert.Equal(data.Rows(Split.Train).ToArray().Count(r => data.Label(r) == 1) + 2, data.Responses.Count);
        Assert.Equal([0, 1], data.Audiences.Of(39).ToArray().Where(user => user < 2));
        Assert.Equal(
            [before * 1_000_000L, (first - 1) * 1_000_000L],
            data.Audiences.SinceOf(39)
                .ToArray()
                .Zip(data.Audiences.Of(39).ToArray())
                .Where(s => s.Second < 2)
                .Select(s => s.First)
        );
        Assert.All(data.Rows(Split.Train).ToArray(), row => Assert.InRange(data.TimeOf(row), 1, first * 1_000_000L));
        Assert.Equal(
            ["history: 2 of 4 responses are not before the first validation row and were left out"],
            info.Meta.Warnings
        );
    }

    [Fact]
    public void A_history_without_a_time_is_refused()
    {
        _tables.Describe(ByTime, rest: """, "history": { "file": "ties.csv", "user": "who", "candidate": "whom" }""");

        Assert.Contains("history.time must be set", _tables.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Scales_are_fitted_on_the_earlier_rows_alone()
    {
        _tables.Interactions(1_000, ",at,km", r => $",{At(r)},{(Late(r) ? 1_000_000 : r % 5)}");
        _tables.Describe(ByTime, columns: """ "km": { "type": "number" } """);

        Assert.InRange(_tables.Open().Schema!.Context.Features[0].Mean[0], 1.5, 2.5);
    }

    [Theory]
    [InlineData("""{ "rule": "time" }""", "split.column must be set")]
    [InlineData("""{ "rule": "time", "column": "at", "folds": 5 }""", "split.folds 5")]
    [InlineData("""{ "rule": "time", "column": "at", "test_groups": ["p1"] }""", "split.test_groups")]
    public void What_a_split_by_time_cannot_have_is_refused(string split, string named)
    {
        _tables.Describe(split);

        Assert.Contains(named, _tables.Refused(), StringComparison.Ordinal);
    }

    private static IEnumerable<long> Times(PreparedDataset data, Split split) =>
        data.Rows(split).ToArray().Select(r => At(r));

    /// <summary>No two rows at one second, and not in the order of the rows.</summary>
    private static long At(int row) => 1_700_000_000 + (row * 389 % 1_000);

    private static bool Late(int row) => At(row) >= 1_700_000_700;
}
