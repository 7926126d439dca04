using Ralm.Datasets.Descriptions;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Data;

/// <summary>A description that says what cannot be meant is refused by the key that says it, before any table is read.</summary>
public sealed class DescriptionRulesSpecs
{
    [Theory]
    [InlineData("null", "$.users.columns.x must not be null")]
    [InlineData("""{"type":"hashed","buckets":0}""", "users.columns.x.buckets 0 must be at least 1")]
    [InlineData("""{"type":"category","max_values":0}""", "users.columns.x.max_values 0 must be at least 1")]
    [InlineData("""{"type":"hashed","buckets":10000000}""", "users.columns.x.buckets 10000000 must be 1 to 65,536")]
    [InlineData("""{"type":"number","buckets":8}""", "users.columns.x.buckets is not a choice of Number")]
    [InlineData("""{"type":"category","scaling":"quantile"}""", "users.columns.x.scaling Quantile is for numbers")]
    [InlineData(
        """{"type":"position","latitude":"a"}""",
        "users.columns.x of type position must have latitude and longitude"
    )]
    [InlineData("""{"type":"number","separator":";"}""", "users.columns.x.separator \";\" is for tags, latent and bag")]
    public void A_column(string rule, string refusal) => Refused(Described(column: rule), refusal);

    [Theory]
    [InlineData(
        """{"type":"distance","of":"hom"}""",
        "pairs.p.of \"hom\" is no feature of users; it has home, km, likes, x"
    )]
    [InlineData(
        """{"type":"distance","of":"likes"}""",
        "pairs.p.of \"likes\" is of type tags; distance is of position"
    )]
    [InlineData(
        """{"type":"overlap","of":"km"}""",
        "pairs.p.of \"km\" is of type number; overlap is of tags or latent or bag"
    )]
    [InlineData("""{"type":"similarity","of":"km","and":"typo"}""", "pairs.p.and \"typo\" is no feature of users")]
    public void A_pair(string pair, string refusal) => Refused(Described(pair: pair), refusal);

    [Fact]
    public void A_group_that_is_to_test_and_to_validate() =>
        Refused(
            Described(split: """{"rule":"group","column":"g","test_groups":["a"],"valid_groups":["b","a"]}"""),
            "split.test_groups and split.valid_groups both name \"a\""
        );

    [Fact]
    public void What_fits_is_taken()
    {
        var description = DatasetDescription.Parse(
            Described(column: """{"type":"hashed","buckets":8}""", pair: """{"type":"distance","of":"home"}""")
        );

        Assert.Equal(8, description.Users.Columns["x"].Recipe.Buckets);
    }

    private static void Refused(string json, string refusal) =>
        Assert.Contains(
            refusal,
            Assert.Throws<FormatException>(() => DatasetDescription.Parse(json)).Message,
            StringComparison.Ordinal
        );

    private static string Described(
        string column = """{"type":"number"}""",
        string pair = """{"type":"similarity","of":"km"}""",
        string split = "{}"
    ) =>
        $$"""
            { "name": "d",
              "users": { "file": "u.csv", "key": "id", "columns": {
                "x": {{column}}, "km": { "type": "number" }, "likes": { "type": "tags" },
                "home": { "type": "position", "latitude": "lat", "longitude": "lon" } } },
              "interactions": { "file": "i.csv", "user": "u", "candidate": "c", "label": "y" },
              "pairs": { "p": {{pair}} }, "split": {{split}} }
            """;
}
