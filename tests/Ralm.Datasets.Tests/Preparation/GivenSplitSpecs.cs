using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>Who says which rows train and which ones test is taken at their word.</summary>
public sealed class GivenSplitSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void Every_row_is_where_it_says()
    {
        string[] parts = ["train", "train", "valid", "test"];

        var data = Given(r => parts[r % 4]);

        Assert.Equal(500, data.Rows(Split.Train).Length);
        Assert.All(data.Rows(Split.Valid).ToArray(), row => Assert.Equal(2, row % 4));
        Assert.Equal(250, data.Rows(Split.Valid).Length);
        Assert.Equal(250, data.Rows(Split.Test).Length);
    }

    [Fact]
    public void Where_no_row_validates_a_share_of_the_training_rows_does()
    {
        var data = Given(r => r % 4 == 3 ? "test" : "train");

        Assert.InRange(data.Rows(Split.Valid).Length, 110, 190);
        Assert.All(data.Rows(Split.Valid).ToArray(), row => Assert.NotEqual(3, row % 4));
        Assert.Equal(250, data.Rows(Split.Test).Length);
    }

    [Fact]
    public void Another_word_is_a_bad_row()
    {
        _tables.Interactions(1_000, ",part", r => r == 7 ? ",holdout" : ",train");
        _tables.Describe("""{ "rule": "given", "column": "part", "valid": 0.2 }""");

        var refused = _tables.Refused();

        Assert.Contains("line 9", refused, StringComparison.Ordinal);
        Assert.Contains("\"holdout\" must be train, valid or test", refused, StringComparison.Ordinal);
    }

    private PreparedDataset Given(Func<int, string> part)
    {
        _tables.Interactions(1_000, ",part", r => $",{part(r)}");
        _tables.Describe("""{ "rule": "given", "column": "part", "valid": 0.2 }""");
        return _tables.Open();
    }
}
