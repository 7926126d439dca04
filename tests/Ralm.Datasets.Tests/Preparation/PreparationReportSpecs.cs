using System.Text.Json;
using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>Who mends tables wants all that is wrong with them, not the first of it.</summary>
public sealed class PreparationReportSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public PreparationReportSpecs()
    {
        Swipes(r => r is 10 or 30 ? ",abc" : $",{r}");
        _tables.Describe(columns: """ "km": { "type": "number" } """);
    }

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void Strict_tables_are_refused_with_every_bad_row_in_the_report()
    {
        Assert.Equal("swipes.csv line 12 column km: \"abc\" is not a number, and 1 more bad rows", _tables.Refused());

        var report = PreparationReport.Read(_tables.Report);
        Assert.Equal(("refused", "strict", 2), (report.Outcome, report.Mode, report.BadRows));
        Assert.Equal(
            [
                new BadCell("swipes.csv", 12, "km", "abc", "is not a number"),
                new BadCell("swipes.csv", 32, "km", "abc", "is not a number"),
            ],
            report.Listed
        );
        Assert.Equal(
            [new TableReport("swipes.csv", 500, 2), new TableReport("users.csv", GivenTables.People, 0)],
            report.Tables
        );
        Assert.Equal(["dataset.json", "prepared.report.json", "swipes.csv", "users.csv"], _tables.Files());
    }

    [Fact]
    public void A_refusal_says_where_its_report_is()
    {
        var refusal = Assert.Throws<BadTableException>(() => _tables.Prepare());

        Assert.EndsWith($"\nreport: {_tables.Report}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_of_a_report_is_snake_case()
    {
        _tables.Prepare(new PreparationOptions(MaxBadRows: 2));

        using var report = JsonDocument.Parse(File.ReadAllBytes(_tables.Report));
        string[] keys = [.. Keys(report.RootElement).Distinct()];
        Assert.Superset(
            new HashSet<string> { "dataset_hash", "max_bad_rows", "bad_rows", "tables", "profile", "listed" },
            keys.ToHashSet(StringComparer.Ordinal)
        );
        Assert.All(keys, key => Assert.Matches("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", key));
    }

    private static IEnumerable<string> Keys(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Keys(p.Value).Prepend(p.Name)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Keys),
            _ => [],
        };

    [Fact]
    public void Tolerant_tables_are_prepared_without_their_bad_rows()
    {
        var info = _tables.Prepare(new PreparationOptions(MaxBadRows: 2));

        Assert.Equal(498, info.Meta.Rows);
        Assert.Equal(
            ("prepared", "tolerant", 2, info.Meta.Hash),
            (info.Report.Outcome, info.Report.Mode, info.Report.BadRows, info.Report.DatasetHash)
        );
        Assert.Equal(info.Report.Listed, PreparationReport.Read(info.ReportPath).Listed);
    }

    [Fact]
    public void More_bad_rows_than_the_cap_refuse()
    {
        Assert.Equal(
            "2 bad rows, 1 allowed, the first: swipes.csv line 12 column km: \"abc\" is not a number",
            _tables.Refused(new PreparationOptions(MaxBadRows: 1))
        );
    }

    [Fact]
    public void A_refusal_leaves_the_dataset_of_before_as_it_was()
    {
        Swipes(r => $",{r}");
        var before = _tables.Prepare().Meta.Hash;
        Swipes(_ => ",abc");

        _tables.Refused();

        Assert.Equal(before, PreparedDataset.Open(Path.Combine(_tables.Folder, "prepared")).Meta.Hash);
    }

    [Fact]
    public void People_without_a_key_or_with_anothers_are_bad_rows_too()
    {
        Swipes(r => $",{r}");
        _tables.Write("users.csv", ["id,age,kind", "p0,1,a", ",2,a", "p0,3,a", "p1,old,a"]);

        _tables.Refused();

        Assert.Equal(
            [
                "users.csv line 3 column id: \"\" must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ / -",
                "users.csv line 4 column id: \"p0\" comes twice",
                "users.csv line 5 column age: \"old\" is not a number",
            ],
            PreparationReport.Read(_tables.Report).Listed.Select(b => b.ToString())
        );
    }

    [Fact]
    public void A_row_of_too_few_cells_is_one_bad_row_among_good_ones()
    {
        Swipes(r => r == 10 ? "" : $",{r}");

        var info = _tables.Prepare(new PreparationOptions(MaxBadRows: 1));

        Assert.Equal(499, info.Meta.Rows);
        Assert.Equal("swipes.csv line 12 has 3 cells, the header has 4", Assert.Single(info.Report.Listed).ToString());
    }

    [Fact]
    public void A_line_that_is_no_JSON_is_one_bad_row_among_good_ones()
    {
        _tables.Write(
            "swipes.jsonl",
            Enumerable
                .Range(0, 300)
                .Select(r => r == 4 ? "{\"who\":" : $$"""{"who":"p{{r % 40}}","whom":"p3","liked":{{r % 2}},"km":1}""")
        );
        _tables.Describe(columns: """ "km": { "type": "number" } """, file: "swipes.jsonl");

        var info = _tables.Prepare(new PreparationOptions(MaxBadRows: 1));

        Assert.Equal(299, info.Meta.Rows);
        Assert.StartsWith(
            "swipes.jsonl line 5 is not JSON",
            Assert.Single(info.Report.Listed).ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Many_bad_rows_are_counted_and_the_first_thousand_listed()
    {
        _tables.Interactions(3_000, ",km", r => r < 1_500 ? ",abc" : $",{r}");

        var info = _tables.Prepare(new PreparationOptions(MaxBadRows: 2_000));

        Assert.Equal((1_500, 1_000), (info.Report.BadRows, info.Report.Listed.Length));
    }

    [Fact]
    public void A_column_that_is_wrong_throughout_is_not_read_to_its_end()
    {
        _tables.Interactions(5_000, ",km", _ => ",abc");

        _tables.Refused();

        var report = PreparationReport.Read(_tables.Report);
        Assert.Equal((1_001, 1_001), (report.BadRows, report.Tables.First(t => t.File == "swipes.csv").Rows));
    }

    [Fact]
    public void A_place_where_no_report_can_be_written_is_refused_before_anything_is_read()
    {
        _tables.Write("users.csv", ["nothing"]);

        Assert.Contains(
            "the report cannot be written there",
            _tables.Refused(new PreparationOptions(Report: Path.Combine(_tables.Folder, "users.csv", "r.json"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_cancelled_preparation_leaves_nothing_behind()
    {
        _tables.Interactions(60_000, ",km", r => $",{r % 50}");
        using var cancelled = new CancellationTokenSource();
        var steps = new List<PreparationProgress>();
        var progress = new Steps(p =>
        {
            steps.Add(p);
            if (p is { Step: "encode", Rows: 20_000 })
            {
                cancelled.Cancel();
            }
        });

        Assert.Throws<OperationCanceledException>(() => _tables.Prepare(progress: progress, ct: cancelled.Token));

        Assert.Equal(new PreparationProgress("encode", 20_000), steps[^1]);
        Assert.Contains(new PreparationProgress("fit", 50_000), steps);
        Assert.Equal(["dataset.json", "swipes.csv", "users.csv"], _tables.Files());
    }

    private void Swipes(Func<int, string> km) => _tables.Interactions(500, ",km", km);

    private sealed class Steps(Action<PreparationProgress> report) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => report(value);
    }
}
