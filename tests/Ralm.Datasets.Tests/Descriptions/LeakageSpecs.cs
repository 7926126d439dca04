using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Tests.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Descriptions;

/// <summary>What is known only afterwards makes figures that no model will ever reach again.</summary>
public sealed class LeakageSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void Sound_tables_warn_of_nothing()
    {
        _tables.Interactions(1_000, ",km", r => $",{r * 13 % 50}");
        _tables.Describe(columns: """ "km": { "type": "number" } """);

        Assert.Empty(_tables.Prepare().Meta.Warnings);
    }

    [Fact]
    public void A_feature_that_equals_the_label_is_named()
    {
        _tables.Interactions(1_000, ",matched", r => $",{GivenTables.Label(r)}");
        _tables.Describe(columns: """ "matched": { "type": "number" } """);

        var info = _tables.Prepare();

        var warning = Assert.Single(info.Meta.Warnings);
        Assert.Equal(
            $"context.matched equals the label in {info.Meta.Train} of {info.Meta.Train} training rows looked at",
            warning
        );
        Assert.Equal([warning], info.Report.Warnings);
        Assert.Equal([warning], Ralm.Datasets.Preparation.PreparedDataset.Open(info.Path).Meta.Warnings);
    }

    [Fact]
    public void A_number_that_orders_the_labels_is_named_with_its_figure()
    {
        _tables.Interactions(1_000, ",seconds", r => $",{(GivenTables.Label(r) == 1 ? 1 + (r % 9) : 20 + (r % 7))}");
        _tables.Describe(columns: """ "seconds": { "type": "number" } """);

        Assert.Contains(
            "context.seconds separates the label by itself: AUC 1.0000",
            Assert.Single(_tables.Prepare().Meta.Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Categories_that_only_one_label_has_are_named()
    {
        _tables.Interactions(1_000, ",outcome", r => GivenTables.Label(r) == 1 ? $",yes{r % 2}" : $",no{r % 4}");
        _tables.Describe(columns: """ "outcome": { "type": "category" } """);

        Assert.StartsWith(
            "context.outcome separates the label",
            Assert.Single(_tables.Prepare().Meta.Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_cell_that_is_there_for_one_label_only_is_named()
    {
        _tables.Interactions(1_000, ",rating", r => GivenTables.Label(r) == 1 ? $",{r % 5}" : ",");
        _tables.Describe(columns: """ "rating": { "type": "number" } """);

        Assert.StartsWith(
            "context.rating separates the label",
            Assert.Single(_tables.Prepare().Meta.Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_good_feature_is_no_leak()
    {
        var random = new Random(2);
        float[] labels = [.. Enumerable.Range(0, 2_000).Select(k => (float)(k % 2))];
        float[] good = [.. labels.Select(l => l + (float)random.NextDouble() * 1.2f)];

        Assert.Null(Leakage.Of(labels, new double?[labels.Length], [good]));
    }

    [Fact]
    public void Nine_rows_of_a_label_are_separated_by_chance()
    {
        float[] labels = [.. Enumerable.Range(0, 100).Select(k => k < 9 ? 1f : 0f)];

        Assert.Null(Leakage.Of(labels, [.. labels.Select(l => (double?)l)], [labels]));
    }

    [Fact]
    public void Values_of_few_rows_do_not_speak_for_their_own_label()
    {
        float[] labels = [.. Enumerable.Range(0, 90).Select(k => k % 3 == 0 ? 1f : 0f)];

        var rates = Leakage.Rates(labels, [.. Enumerable.Range(0, 90).Select(k => k < 60 ? 0 : k)]);

        Assert.All(rates, rate => Assert.Equal(1f / 3, rate, 1e-6));
    }

    [Fact]
    public void Users_whom_groups_share_are_counted()
    {
        _tables.Interactions(1_000, ",week", r => $",w{r % 7}");
        _tables.Describe("""{ "rule": "group", "column": "week", "test_groups": ["w0"] }""");

        Assert.Matches(
            "^split: \\d+ of \\d+ users with test rows have training rows too; groups of column \"week\"",
            Assert.Single(_tables.Prepare().Meta.Warnings)
        );
    }

    [Fact]
    public void A_split_by_user_shares_nobody()
    {
        _tables.Interactions(1_000);
        _tables.Describe("""{ "rule": "group", "column": "who" }""");

        Assert.Empty(_tables.Prepare().Meta.Warnings);
    }

    [Fact]
    public void A_group_on_both_sides_of_a_given_split_is_counted_where_it_is_to_be_kept_apart()
    {
        string[] parts = ["train", "train", "valid", "test"];
        _tables.Interactions(1_000, ",part,evening", r => $",{parts[r % 4]},e{r % 4}");
        const string split = """{ "rule": "given", "column": "part", "apart": "evening" }""";
        _tables.Describe(split);
        Assert.Empty(_tables.Prepare().Meta.Warnings);

        _tables.Interactions(1_000, ",part,evening", r => $",{parts[r % 4]},e{(r == 3 ? 1 : r % 4)}");
        Assert.Equal(
            ["split: 1 of 2 values of column \"evening\" with test rows have training rows too"],
            _tables.Prepare().Meta.Warnings
        );
    }
}
