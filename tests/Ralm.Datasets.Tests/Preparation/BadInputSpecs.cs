using System.IO.Compression;
using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>What people do give for tables: each is refused by name, and nothing is half written.</summary>
public sealed class BadInputSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public BadInputSpecs()
    {
        _tables.Interactions(600);
        _tables.Describe();
    }

    public void Dispose() => _tables.Dispose();

    [Theory]
    [InlineData("PAR1 and no more of it")]
    [InlineData("")]
    public void A_broken_parquet_file_is_refused_by_its_name_and_in_the_report(string bytes)
    {
        File.WriteAllText(PathOf("swipes.parquet"), bytes);
        _tables.Describe(file: "swipes.parquet");

        Assert.StartsWith($"{PathOf("swipes.parquet")} after line 1: cannot be read on: ", _tables.Refused());
        Assert.Equal("refused", PreparationReport.Read(_tables.Report).Outcome);
        Assert.DoesNotContain("prepared", _tables.Files());
    }

    [Fact]
    public void A_packed_file_that_breaks_off_is_refused_by_its_name()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(PathOf("swipes.csv")));
        }

        File.WriteAllBytes(PathOf("swipes.csv.gz"), packed.ToArray()[..(int)(packed.Length / 2)]);
        _tables.Describe(file: "swipes.csv.gz");

        Assert.StartsWith($"{PathOf("swipes.csv.gz")} after line ", _tables.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wanted_column_that_comes_twice_is_refused()
    {
        var lines = File.ReadAllLines(PathOf("users.csv"));
        _tables.Write("users.csv", ["id,age,kind,age", .. lines.Skip(1).Select(l => $"{l},1")]);

        Assert.Equal($"{PathOf("users.csv")}: column \"age\" comes twice: id, age, kind, age", _tables.Refused());
    }

    [Theory]
    [InlineData(
        """{"who":"p1","whom":"p2","liked":{"yes":1}}""",
        "swipes.jsonl line 2 column liked: \"{\"yes\":1}\" must not be an object"
    )]
    [InlineData("""{"who":"p1","who":"p3","whom":"p2","liked":1}""", "swipes.jsonl line 2 has \"who\" twice")]
    [InlineData(
        """{"who":"p1","whom""",
        "swipes.jsonl line 2 is not JSON: Expected end of string, but instead reached end of data."
    )]
    public void A_line_of_json_that_means_nothing_is_a_bad_row(string line, string said)
    {
        string[] lines =
        [
            .. Enumerable
                .Range(0, 600)
                .Select(r =>
                    $$"""{"who":"p{{r % 40}}","whom":"p{{(r * 7 + 1) % 40}}","liked":{{GivenTables.Label(r)}}}"""
                ),
        ];
        lines[1] = line;
        _tables.Write("swipes.jsonl", lines);
        _tables.Describe(file: "swipes.jsonl");

        Assert.StartsWith(said, _tables.Refused(), StringComparison.Ordinal);
        Assert.Equal(599, _tables.Prepare(new PreparationOptions(MaxBadRows: 1)).Meta.Rows);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Labels_of_one_kind_teach_nothing_and_are_refused(string label)
    {
        _tables.Write(
            "swipes.csv",
            ["who,whom,liked", .. Enumerable.Range(0, 600).Select(r => $"p{r % 40},p{(r * 7 + 1) % 40},{label}")]
        );

        var said = _tables.Refused();

        Assert.StartsWith($"{PathOf("swipes.csv")} column liked: the ", said, StringComparison.Ordinal);
        Assert.EndsWith("rows to train on must have labels above 0.5 and others; they have one kind", said);
    }

    [Theory]
    [InlineData("\"number\"", "\"numbr\"", "$.users.columns.age.type \"numbr\" must be one of bag, category, hashed, ")]
    [InlineData("\"number\"", "3", "$.users.columns.age.type \"3\" must be one of bag, category, hashed, ")]
    [InlineData("\"given\"", "\"my town\"", "name \"my town\" ")]
    [InlineData("\"key\": \"id\"", "\"key\": \"id\", \"format\": null", "$.users.format must not be null")]
    [InlineData("\"key\": \"id\"", "\"key\": null", "$.users.key must not be null")]
    [InlineData("\"split\": {}", "\"split\": null", "$.split must not be null")]
    [InlineData("\"category\"", "\"id\", \"column\": \"age\"", "users.columns.kind.column \"age\" is not for type id")]
    [InlineData("\"split\": {}", "\"split\": { \"valid\": 0 }", "split.valid 0 must be above 0 and below 1")]
    public void A_description_is_refused_by_field_value_and_rule(string written, string wrong, string said)
    {
        var path = PathOf("dataset.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace(written, wrong, StringComparison.Ordinal));

        Assert.StartsWith($"{path}: {said}", _tables.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_than_no_bad_rows_cannot_be_allowed()
    {
        Assert.Equal("max_bad_rows \"-1\" must be 0 or more", _tables.Refused(new PreparationOptions(MaxBadRows: -1)));
    }

    [Fact]
    public void A_place_where_no_dataset_can_be_written_is_refused_before_anything_is_read()
    {
        var target = Path.Combine(PathOf("users.csv"), "prepared");
        var options = new PreparationOptions(Report: PathOf("r.json"));

        var refused = Assert.Throws<BadTableException>(() =>
            DatasetPreparation.Prepare(PathOf("dataset.json"), target, options, null, CancellationToken.None)
        );

        Assert.StartsWith($"{target}: the dataset cannot be written there: ", refused.Message);
        Assert.Empty(PreparationReport.Read(PathOf("r.json")).Tables);
    }

    private string PathOf(string file) => Path.Combine(_tables.Folder, file);
}
