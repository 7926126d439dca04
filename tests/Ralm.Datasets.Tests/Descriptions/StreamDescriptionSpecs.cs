using Ralm.Datasets.Descriptions;
using Xunit;

namespace Ralm.Datasets.Tests.Descriptions;

/// <summary>A stream is described as tables of people are, and refused by the key that is wrong.</summary>
public sealed class StreamDescriptionSpecs
{
    [Theory]
    [InlineData("""{"name":"s"}""", "$ must have rows")]
    [InlineData("""{"name":"s","rows":{"file":"a.csv"}}""", "$.rows must have label")]
    [InlineData(
        """{"name":"s","users":{"file":"a.csv","key":"id"}}""",
        "$.users is for people who are shown to one another, which train reads; a stream has rows"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","key":"id"}}""",
        "$.rows.key is not a key of a description"
    )]
    [InlineData("""{"name":"a b","rows":{"file":"a.csv","label":"y"}}""", "name \"a b\" must be")]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","time":"y"}}""",
        "rows.time \"y\" must be another column than label"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","time_format":"unix_seconds"}}""",
        "rows.time_format \"unix_seconds\" is for rows.time, which is not set"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","columns":{}}}""",
        "rows.columns must have a column; leave it out for all columns"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","columns":{"x":{"type":"number","column":"y"}}}}""",
        "rows.columns.x \"y\" is the label, which is told after the row"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","columns":{"x":{"type":"id"}}}}""",
        "rows.columns.x.type id is for people, and a row is nobody"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.csv","label":"y","columns":{"x":{"type":"hashed","buckets":0}}}}""",
        "rows.columns.x.buckets 0 must be at least 1"
    )]
    [InlineData(
        """{"name":"s","rows":{"file":"a.parquet","label":"y","format":{"delimiter":";"}}}""",
        "rows.format.delimiter \";\" is for CSV; a.parquet is none"
    )]
    public void A_description_that_cannot_be_meant(string json, string refusal)
    {
        var refused = Assert.Throws<FormatException>(() => StreamDescription.Parse(json));

        Assert.Contains(refusal, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_on_a_stream_is_refused_with_the_verb_for_it()
    {
        var refused = Assert.Throws<FormatException>(() =>
            DatasetDescription.Parse("""{"name":"s","rows":{"file":"a.csv","label":"y"}}""")
        );

        Assert.Contains("$.rows makes a stream, which ./ralm stream reads", refused.Message, StringComparison.Ordinal);
    }
}
