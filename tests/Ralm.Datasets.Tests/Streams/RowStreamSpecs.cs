using System.IO.Compression;
using Ralm.Datasets.Preparation;
using Ralm.Datasets.Streams;
using Ralm.Ranking.Schema;
using Xunit;

namespace Ralm.Datasets.Tests.Streams;

/// <summary>A table read as a stream: in its order, with types that were said or found out, strict as every table.</summary>
public sealed class RowStreamSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-stream-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Columns_that_nobody_described_are_found_out()
    {
        var stream = Given(
            "flat,x,town,at,y,note",
            Enumerable.Range(0, 60).Select(r => $"0.5,{(r == 7 ? "NA" : r)},t{r % 3},{r + 60},{r % 2},")
        );

        Assert.Equal(
            [
                ("at", FeatureKind.Number),
                ("flat", FeatureKind.Number),
                ("town", FeatureKind.Category),
                ("x", FeatureKind.Number),
            ],
            stream.Columns.Select(c => (c.Key, c.Value.Type))
        );
        Assert.Contains("note left out (no row has a value)", stream.Guesses);
        var rows = Rows(stream);
        Assert.Equal((60, 0.0, 1.0), (rows.Length, rows[0].Label, rows[1].Label));
        Assert.DoesNotContain(rows[7].Features.Items, f => f.Name == "x");
    }

    [Fact]
    public void Rows_come_in_the_order_of_their_times_and_the_file()
    {
        var stream = Given(
            "y,x,at",
            ["1,2,100", "0,1,50", "1,3,100", "0,0,20"],
            more: ",\"time\":\"at\",\"time_format\":\"unix_seconds\""
        );

        Assert.False(stream.Look(default).IsInOrder);
        Assert.Equal([0, 1, 2, 3], Rows(stream).Select(r => r.Features.Items.Single(f => f.Name == "x").Number));
        Assert.DoesNotContain("at", stream.Columns.Keys);
    }

    [Theory]
    [InlineData("2,1", "rows.csv line 3 column y: \"2\" must be 0 to 1")]
    [InlineData(",1", "rows.csv line 3 column y: \"\" is not a number")]
    [InlineData("1,one", "rows.csv line 3 column x: \"one\" is not a number")]
    [InlineData("1", "rows.csv line 3 has 1 cells, the header has 2")]
    public void A_bad_row_is_named_or_left_out(string row, string refusal)
    {
        string[] rows = ["1,2", row, "0,3"];
        const string more = """, "columns": { "x": { "type": "number" } }""";

        var refused = Assert.Throws<BadTableException>(() => Rows(Given("y,x", rows, more: more)));

        Assert.Equal(refusal, refused.Message);
        var tolerant = Given("y,x", rows, more: more, maxBadRows: 1);
        Assert.Equal(2, Rows(tolerant).Length);
        Assert.Equal(1, tolerant.BadRows);
    }

    [Fact]
    public void A_column_that_is_not_there_is_named() =>
        Assert.Contains(
            "no column \"y\"; it has z, x",
            Assert.Throws<BadTableException>(() => Rows(Given("z,x", ["1,2"]))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_packed_table_is_a_table()
    {
        using (var packed = new GZipStream(File.Create(Path.Combine(_folder, "rows.csv.gz")), CompressionLevel.Fastest))
        using (var text = new StreamWriter(packed))
        {
            text.Write("y,x\ntrue,1\nfalse,2\n");
        }

        Describe("rows.csv.gz", "");

        Assert.Equal([1, 0], Rows(Open(0)).Select(r => r.Label));
    }

    private static LabelledRow[] Rows(RowStream stream) => [.. stream.Read(stream.Look(default), default)];

    private RowStream Given(string header, IEnumerable<string> rows, string more = "", int maxBadRows = 0)
    {
        File.WriteAllLines(Path.Combine(_folder, "rows.csv"), [header, .. rows]);
        Describe("rows.csv", more);
        return Open(maxBadRows);
    }

    private void Describe(string file, string more) =>
        File.WriteAllText(
            Path.Combine(_folder, "dataset.json"),
            $$"""{ "name": "s", "rows": { "file": "{{file}}", "label": "y" {{more}} } }"""
        );

    private RowStream Open(int maxBadRows) =>
        RowStream.Open(Path.Combine(_folder, "dataset.json"), maxBadRows, default);
}
