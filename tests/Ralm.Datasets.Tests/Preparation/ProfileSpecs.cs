using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>What the tables hold is told, and what of it a person should look at is warned of by name.</summary>
public sealed class ProfileSpecs : IDisposable
{
    private const int Rows = 600;

    private readonly GivenTables _tables = new();

    public ProfileSpecs()
    {
        _tables.Interactions(Rows);
        _tables.Describe();
    }

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void Every_feature_is_told_with_its_values()
    {
        _tables.Interactions(Rows, ",km", r => $",{(r % 4 == 0 ? "" : r % 10)}");
        _tables.Describe(columns: """ "km": { "type": "number" } """);

        var columns = _tables.Prepare().Report.Profile.Columns;

        Assert.Equal(["users.age", "users.kind", "interactions.km"], columns.Select(c => $"{c.Table}.{c.Feature}"));
        var (kind, km) = (columns[1], columns[2]);
        Assert.Equal(("category", 40L, 0L, 3), (kind.Type, kind.Rows, kind.Missing, kind.Distinct));
        Assert.Equal([new ValueCount("k0", 14), new("k1", 13), new("k2", 13)], kind.Frequent);
        Assert.Equal(("number", 600L, 150L, 10), (km.Type, km.Rows, km.Missing, km.Distinct));
        Assert.Equal((0.0, 5.0, 9.0), (km.Numbers!.Least, km.Numbers.Median, km.Numbers.Most));
    }

    [Fact]
    public void Who_was_shown_to_whom_is_counted()
    {
        var pairs = _tables.Prepare().Report.Profile.Pairs!;

        Assert.Equal(
            (600L, 200L, 40, 40, 600L, 0L, 0L, 0L),
            (
                pairs.Rows,
                pairs.Positives,
                pairs.Users,
                pairs.Candidates,
                pairs.Pairs,
                pairs.Repeated,
                pairs.Contradictory,
                pairs.WithThemselves
            )
        );
        Assert.Empty(_tables.Prepare().Meta.Warnings);
    }

    [Theory]
    [InlineData("", "users.age is empty: none of 40 rows has a value")]
    [InlineData("7", "users.age is constant: all of 40 rows have \"7\"")]
    public void A_column_of_which_nothing_can_be_learned_is_named(string cell, string said)
    {
        _tables.Write("users.csv", ["id,age,kind", .. People(p => $"p{p},{cell},k{p % 3}")]);

        Assert.Equal([said], _tables.Prepare().Meta.Warnings);
    }

    [Fact]
    public void A_number_beside_which_all_others_are_one_is_named()
    {
        _tables.Write("users.csv", ["id,age,kind", .. People(p => $"p{p},{(p == 3 ? "1e15" : p)},k{p % 3}")]);

        Assert.StartsWith(
            "users.age: 1E+15 is so far away that the others are all but one value (",
            Assert.Single(_tables.Prepare().Meta.Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_pair_on_both_sides_of_the_split_and_labels_that_contradict_are_counted()
    {
        _tables.Write(
            "swipes.csv",
            [
                "who,whom,liked,part",
                .. Enumerable.Range(0, Rows).Select(r => $"p{r % 40},p{GivenTables.Candidate(r)},{r % 2},{Part(r)}"),
                "p0,p1,1,test",
                "p0,p1,1,test",
                "p1,p2,0,train",
                "p2,p2,1,train",
            ]
        );
        _tables.Describe("""{ "rule": "given", "column": "part" }""");

        var data = _tables.Prepare();

        Assert.Equal(
            [
                "pairs: 2 of 202 test rows are of a user and a candidate that training rows have too",
                "pairs: 2 of 601 pairs have labels of both kinds",
                "pairs: 1 of 604 rows show a user to themselves",
            ],
            data.Meta.Warnings
        );
        Assert.Equal((3L, 1L), (data.Report.Profile.Pairs!.Repeated, data.Report.Profile.Pairs.OnBothSides));
    }

    private static string Part(int row) =>
        (row % 3) switch
        {
            0 => "train",
            1 => "valid",
            _ => "test",
        };

    private static IEnumerable<string> People(Func<int, string> row) =>
        Enumerable.Range(0, GivenTables.People).Select(row);
}
