using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>Seven evenings, one of them with most of the rows: what can be split is split, and what cannot is refused with why.</summary>
public sealed class FewGroupsSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public FewGroupsSpecs() => Groups(7);

    public void Dispose() => _tables.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void Every_fold_that_can_be_made_is_made_and_every_group_tests_once(int folds)
    {
        _tables.Describe("""{ "rule": "group", "column": "evening" }""");

        var metas = Enumerable
            .Range(0, folds)
            .Select(fold => _tables.Prepare(new PreparationOptions(Folds: folds, Fold: fold)).Meta)
            .ToArray();

        Assert.All(metas, m => Assert.True(m is { Train: > 0, Valid: > 0, Test: > 0 }));
        Assert.Equal(metas[0].Rows, metas.Sum(m => m.Test));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void Few_groups_are_split_by_share_with_one_at_least_for_each_part(int groups)
    {
        Groups(groups);
        for (var seed = 1; seed <= 20; seed++)
        {
            _tables.Describe($$"""{ "rule": "group", "column": "evening", "seed": {{seed}} }""");
            Assert.True(_tables.Prepare().Meta is { Train: > 0, Valid: > 0, Test: > 0 });
        }
    }

    [Theory]
    [InlineData(
        2,
        """{ "rule": "group", "column": "evening" }""",
        "column evening has 2 groups and 1 of them beside those that test: two are needed, to train and to validate"
    )]
    [InlineData(
        4,
        """{ "rule": "group", "column": "evening", "folds": 5 }""",
        "split.folds 5 needs as many groups; column evening has 4: "
    )]
    [InlineData(
        7,
        """{ "rule": "group", "column": "evening", "test_groups": ["e8"] }""",
        "split.test_groups or valid_groups \"e8\" is no value of column evening"
    )]
    [InlineData(
        7,
        """{ "rule": "random", "valid_groups": ["e1"] }""",
        "split.valid_groups is for rule group, not for random"
    )]
    public void What_cannot_be_split_is_refused_with_why(int groups, string split, string why)
    {
        Groups(groups);
        _tables.Describe(split);

        Assert.Contains(why, _tables.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Named_groups_validate_and_no_others()
    {
        _tables.Describe(
            """{ "rule": "group", "column": "evening", "valid_groups": ["e1", "e2"], "test_groups": ["e3"] }"""
        );

        var data = _tables.Open();

        Assert.Equal([1, 2], data.Rows(Split.Valid).ToArray().Select(r => Evening(r, 7)).Distinct().Order());
        Assert.Equal([3], data.Rows(Split.Test).ToArray().Select(r => Evening(r, 7)).Distinct());
    }

    private void Groups(int groups) => _tables.Interactions(900, ",evening", r => $",e{Evening(r, groups)}");

    /// <summary>More than half of the rows are of the first.</summary>
    private static int Evening(int row, int groups) => row % 10 < 6 ? 0 : 1 + (row / 10 % (groups - 1));
}
