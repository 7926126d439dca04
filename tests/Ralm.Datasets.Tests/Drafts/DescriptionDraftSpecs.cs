using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Drafts;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Schema;
using Xunit;

namespace Ralm.Datasets.Tests.Drafts;

/// <summary>A draft of a description: what it says of tables whose description is known, and that it says what it guessed.</summary>
public sealed class DescriptionDraftSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-draft-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tables_of_people_things_and_what_happened_are_found_and_can_be_prepared()
    {
        Write(
            "people.csv",
            [
                "who;born;town;likes;lat;lon",
                .. Rows(30, r => $"p{r};{1970 + r};t{r % 3};a|b{r % 4}|c;5{r % 5},5;1{r % 3},25"),
            ]
        );
        Write(
            "things.csv",
            [
                "id,kind,text",
                .. Rows(
                    20,
                    r =>
                        $"c{r},k{r % 2},{(r % 2 == 0 ? "one two three four five" : "six seven eight nine ten")} {r % 4}"
                ),
            ]
        );
        Write(
            "shown.csv",
            [
                "person,thing,day,score,liked",
                .. Rows(400, r => $"p{r % 30},c{r * 7 % 20},{1 + (r % 28):00}/03/2024,{r % 9},{r % 3 / 2}"),
            ]
        );

        var draft = Draft();

        var d = DatasetDescription.Parse(draft.Json);
        Assert.Equal(
            ("people.csv", "who", "things.csv", "id"),
            (d.Users.File, d.Users.Key, d.Candidates!.File, d.Candidates.Key)
        );
        Assert.Equal(
            ("shown.csv", "person", "thing", "liked"),
            (d.Interactions.File, d.Interactions.User, d.Interactions.Candidate, d.Interactions.Label)
        );
        Assert.Equal((";", ","), (d.Users.Format.Delimiter, d.Users.Format.Decimal));
        Assert.Equal((FeatureKind.Tags, "|"), (d.Users.Columns["likes"].Type, d.Users.Columns["likes"].Separator));
        Assert.Equal(("lat", "lon"), (d.Users.Columns["position"].Latitude, d.Users.Columns["position"].Longitude));
        Assert.Equal(FeatureKind.Tokens, d.Candidates.Columns["text"].Type);
        Assert.Equal((SplitKind.Time, "day", "dd/MM/yyyy"), (d.Split.Rule, d.Split.Column, d.Split.Format));
        Assert.Equal(400, Prepared(draft).Meta.Rows);
    }

    [Fact]
    public void Days_that_could_be_months_are_a_guess_that_says_so()
    {
        People();
        Write(
            "shown.csv",
            [
                "who,whom,at,liked",
                .. Rows(200, r => $"p{r % 20},p{(r + 1) % 20},{1 + (r % 12):00}/{1 + (r % 9):00}/2024,{r % 2}"),
            ]
        );

        Assert.Contains(
            "split.rule time (at holds dates as dd/MM/yyyy or MM/dd/yyyy: no row tells which, choose: what is judged then comes after what was learned)",
            Draft().Guesses
        );
    }

    [Fact]
    public void Words_for_nothing_and_columns_that_say_nothing_are_named()
    {
        Write("people.csv", ["id,age,same,note", .. Rows(20, r => $"p{r},{(r % 5 == 0 ? "N/A" : r)},x,")]);
        Write("shown.csv", ["who,whom,liked", .. Rows(200, r => $"p{r % 20},p{(r + 1) % 20},{r % 2}")]);

        var draft = Draft();

        Assert.Equal(["N/A"], DatasetDescription.Parse(draft.Json).Missing);
        Assert.Contains("missing N/A (seem to mean that nothing is known)", draft.Guesses);
        Assert.Contains("users.columns.same left out (every row has \"x\")", draft.Guesses);
        Assert.Contains("users.columns.note left out (no row has a value)", draft.Guesses);
    }

    [Fact]
    public void Letters_that_are_not_Utf8_are_a_guess()
    {
        File.WriteAllBytes(
            Path.Combine(_folder, "people.csv"),
            (TableFormat.Default with { Encoding = "windows-1252" })
                .ToText()
                .GetBytes("id,town\n" + string.Join('\n', Rows(20, r => $"p{r},{(r % 2 == 0 ? "Köln" : "Bonn")}")))
        );
        Write("shown.csv", ["who,whom,liked", .. Rows(200, r => $"p{r % 20},p{(r + 1) % 20},{r % 2}")]);

        var draft = Draft();

        Assert.Equal("windows-1252", DatasetDescription.Parse(draft.Json).Users.Format.Encoding);
        Assert.Contains(
            draft.Guesses,
            g => g.StartsWith("users.format encoding windows-1252", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_folder_without_tables_and_tables_without_keys_are_refused()
    {
        Assert.Contains("holds no table", Refused(), StringComparison.Ordinal);
        Write("shown.csv", ["who,whom,liked", "a,b,1"]);
        Assert.Contains(
            "no table has two columns whose values are keys of others",
            Refused(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_key_that_comes_twice_is_named()
    {
        Write("people.csv", ["id,age", .. Rows(20, r => $"p{r},{r}"), "p7,3"]);
        Write("swipes.csv", ["who,whom,liked", .. Rows(60, r => $"p{r % 20},p{(r + 1 + (r / 20)) % 20},{r % 2}")]);

        Assert.Contains(
            "people.csv column id is almost a key: \"p7\" comes twice; ",
            Refused(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_came_of_it_is_not_made_up()
    {
        People();
        Write(
            "swipes.csv",
            ["who,whom,answer", .. Rows(60, r => $"p{r % 20},p{(r + 1 + (r / 20)) % 20},{(r % 2 == 0 ? "yes" : "no")}")]
        );

        Assert.Contains("no column of swipes.csv holds numbers from 0 to 1", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_objects_is_left_out_and_truth_values_are_a_label()
    {
        Write("people.jsonl", Rows(20, r => $$$"""{"id":"p{{{r}}}","age":{{{r}}},"more":{"x":1}}"""));
        Write(
            "swipes.csv",
            ["who,whom,liked", .. Rows(300, r => $"p{r % 20},p{(r + 1 + (r / 20)) % 20},{r % 2 == 0}")]
        );

        var draft = Draft();
        Assert.DoesNotContain("more", draft.Json, StringComparison.Ordinal);
        Assert.Equal(300, Prepared(draft).Meta.Rows);
    }

    [Fact]
    public void A_broken_file_is_named()
    {
        People();
        Write("other.parquet", ["PAR1"]);

        Assert.Contains("other.parquet: cannot be read", Refused(), StringComparison.Ordinal);
    }

    private void People() => Write("people.csv", ["id,age", .. Rows(20, r => $"p{r},{r}")]);

    private string Refused() => Assert.Throws<BadTableException>(() => Draft()).Message;

    private DescriptionDraft Draft() => DescriptionDraft.Of(_folder, TestContext.Current.CancellationToken);

    private PreparedDatasetInfo Prepared(DescriptionDraft draft)
    {
        var description = Path.Combine(_folder, "dataset.json");
        File.WriteAllText(description, draft.Json);
        return DatasetPreparation.Prepare(
            description,
            Path.Combine(_folder, "out"),
            new PreparationOptions(),
            null,
            TestContext.Current.CancellationToken
        );
    }

    private void Write(string file, IEnumerable<string> lines) =>
        File.WriteAllLines(Path.Combine(_folder, file), lines);

    private static IEnumerable<string> Rows(int rows, Func<int, string> row) => Enumerable.Range(0, rows).Select(row);
}
