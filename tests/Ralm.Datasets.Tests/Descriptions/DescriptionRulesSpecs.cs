using Ralm.Datasets.Descriptions;
using Xunit;

namespace Ralm.Datasets.Tests.Descriptions;

/// <summary>A description that says what cannot be meant is refused by the key that says it, before any table is read.</summary>
public sealed class DescriptionRulesSpecs
{
    [Theory]
    [InlineData("null", "$.users.columns.x must not be null")]
    [InlineData("""{"type":"hashed","buckets":0}""", "users.columns.x.buckets 0 must be at least 1")]
    [InlineData("""{"type":"category","max_values":0}""", "users.columns.x.max_values 0 must be at least 1")]
    [InlineData("""{"type":"hashed","buckets":10000000}""", "users.columns.x.buckets 10000000 must be 1 to 65,536")]
    [InlineData("""{"type":"number","buckets":8}""", "users.columns.x.buckets 8 is not a choice of number")]
    [InlineData(
        """{"type":"category","scaling":"quantile"}""",
        "users.columns.x.scaling quantile is for numbers, not for category"
    )]
    [InlineData(
        """{"type":"position","latitude":"a"}""",
        "users.columns.x of type position must have latitude and longitude"
    )]
    [InlineData(
        """{"type":"position","latitude":"a","longitude":"a"}""",
        "users.columns.x.longitude \"a\" must be another column than latitude"
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

    [Theory]
    [InlineData("""{"column":"g"}""", "split.column \"g\" is for the rules group, given and time, not for random")]
    [InlineData("""{"rule":"group"}""", "split.column must be set for rule group")]
    [InlineData("""{"folds":1}""", "split.folds 1 must be 0 (none) or at least 2")]
    [InlineData("""{"folds":3,"fold":3}""", "split.fold 3 must be from 0 to 2")]
    [InlineData("""{"fold":1}""", "split.fold 1 is for cross-validation: set split.folds")]
    [InlineData(
        """{"rule":"time","column":"g","folds":3}""",
        "split.folds 3 is for the rules random and group, not for time"
    )]
    [InlineData("""{"valid":0}""", "split.valid 0 must be above 0 and below 1")]
    [InlineData("""{"test":1}""", "split.test 1 must be at least 0 and below 1")]
    [InlineData("""{"valid":0.5,"test":0.5}""", "split.valid 0.5 and split.test 0.5 must be below 1 together")]
    public void A_split(string split, string refusal) => Refused(Described(split: split), refusal);

    [Theory]
    [InlineData("""{"name":"n"}""", "$ must have users, interactions")]
    [InlineData("""{"name":"n","users":{"file":"u.csv"},"interactions":{}}""", "$.users must have key")]
    [InlineData("""{"name":1}""", "$.name must be a text")]
    [InlineData("""{"name":"n","name":"m"}""", "$.name comes twice")]
    [InlineData("""{"name":"n","users":[]}""", "$.users must be an object, in braces")]
    [InlineData("""{"name":"n","mutual":"yes"}""", "$.mutual must be true or false")]
    [InlineData("""{"name":"n","missing":"-"}""", "$.missing must be a list of texts")]
    [InlineData("""{"name":"n","split":{"valid":"a tenth"}}""", "$.split.valid must be a number")]
    [InlineData("""{"name":"n","split":{"folds":2.5}}""", "$.split.folds must be a whole number")]
    [InlineData("""{"name":"n","split":{"seed":-1}}""", "$.split.seed must be a whole number of at least 0")]
    [InlineData("{\n\"name\" \"n\"}", "is not JSON: line 2, byte 7: ")]
    public void Words_of_the_description_alone(string json, string refusal) => Refused(json, refusal);

    [Fact]
    public void More_features_than_a_request_may_have()
    {
        var columns = string.Join(',', Enumerable.Range(0, 300).Select(k => $$"""  "c{{k}}":{"type":"number"}"""));
        var json =
            $$"""{"name":"n","users":{"file":"u.csv","key":"id","columns":{ {{columns}} } },"interactions":{"file":"i.csv","user":"u","candidate":"c","label":"l"} }""";

        Refused(json, "users.columns has 300 features: must be at most 256");
    }

    [Fact]
    public void A_name_that_no_request_may_have() =>
        Refused(
            Described().Replace("\"x\":", $"\"{new string('x', 129)}\":", StringComparison.Ordinal),
            "must be 1 to 128 characters, no control characters"
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
