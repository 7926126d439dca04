using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using Xunit;
using static Ralm.Ranking.Tests.Schema.FittedFeatures;

namespace Ralm.Ranking.Tests.Schema;

public sealed class FeatureSchemaSpecs
{
    [Fact]
    public void A_number_is_standardised_and_a_missing_one_is_marked()
    {
        var spec = Fit(FeatureKind.Number, Number(1), Number(3));

        Assert.Equal([1, 0], Encode(spec, Number(3)));
        Assert.Equal([0, 1], Encode(spec, null));
        Assert.Equal([10, 0], Encode(spec, Number(1e9)));
    }

    [Fact]
    public void A_category_never_seen_is_other()
    {
        var spec = Fit(FeatureKind.Category, Text("b"), Text("a"), Text("b"));

        Assert.Equal(["b", "a"], spec.Vocabulary);
        Assert.Equal([0, 1, 0, 0], Encode(spec, Text("a")));
        Assert.Equal([0, 0, 1, 0], Encode(spec, Text("z")));
        Assert.Equal([0, 0, 0, 1], Encode(spec, null));
    }

    [Fact]
    public void Tags_share_one()
    {
        var spec = Fit(FeatureKind.Tags, Tags("a", "b"), Tags("a"));

        Assert.Equal([0.5f, 0, 0.5f, 0], Encode(spec, Tags("a", "z")));
        Assert.Equal([0, 0, 0, 0], Encode(spec, Tags()));
    }

    [Fact]
    public void A_value_of_another_kind_is_refused_by_name()
    {
        var spec = Fit(FeatureKind.Number, Number(1));

        var refused = Assert.Throws<FeatureException>(() => Encode(spec, Text("x")));
        Assert.Equal("is a Text, and the model's schema has a Number", refused.Message);
        Assert.Equal("f", refused.Field);
    }

    [Fact]
    public void A_schema_survives_its_json_and_its_id_follows_its_content()
    {
        var schema = new FeatureSchema(
            new SideSchema([Fit(FeatureKind.Number, Number(1), Number(2))]),
            new SideSchema([Fit(FeatureKind.Category, Text("a"))]),
            SideSchema.Empty
        );

        var again = FeatureSchema.FromJson(schema.ToJson());
        Assert.Equal(schema.Id, again.Id);
        Assert.Equal(schema.ToJson(), again.ToJson());
        Assert.NotEqual(schema.Id, (schema with { Candidate = schema.User }).Id);
    }

    private static Feature Number(double value) => new() { Name = "f", Number = value };

    private static Feature Text(string value) => new() { Name = "f", Text = value };

    private static Feature Tags(params string[] values) =>
        new()
        {
            Name = "f",
            Texts = new TextList { Values = { values } },
        };
}
