using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Ranking.Tests.Schema;

public sealed class PairFeatureSpecs
{
    [Fact]
    public void Tags_in_common_count_and_rare_ones_count_more()
    {
        var spec = Overlap(Enumerable.Repeat(Tags("everywhere"), 98).Append(Tags("everywhere", "rare")));

        var raw = Compare(spec, Tags("everywhere", "rare", "mine"), Tags("everywhere", "rare"));

        Assert.Equal(Math.Log(3), raw[0], 1e-6);
        Assert.Equal(2.0 / 3, raw[1], 1e-6);
        // Adamic and Adar: 99 people have one, at most two the other.
        Assert.Equal((1 / Math.Log(100)) + (1 / Math.Log(3)), raw[2], 1e-6);
        Assert.Equal(Math.Log(4) + Math.Log(3), raw[4], 1e-6);
        Assert.Equal(Math.Log(4) - Math.Log(3), raw[5], 1e-6);
        Assert.True(
            Compare(spec, Tags("rare"), Tags("rare", "x"))[3]
                > Compare(spec, Tags("everywhere"), Tags("everywhere", "x"))[3]
        );
    }

    [Fact]
    public void The_same_tags_have_cosine_one_and_none_in_common_zero()
    {
        var spec = Overlap([]);

        Assert.Equal(1, Compare(spec, Tags("a", "b", "b"), Tags("b", "a", "b"))[3], 1e-6);
        Assert.Equal([0, 0, 0, 0], Compare(spec, Tags("a"), Tags("b"))[..4]);
    }

    [Theory]
    [InlineData(52.52, 13.405, 48.1351, 11.582, 504.4)]
    [InlineData(0, 179.5, 0, -179.5, 111.2)]
    public void Distance_follows_the_sphere_across_the_date_line_too(
        double latitude,
        double longitude,
        double other,
        double otherLongitude,
        double kilometres
    )
    {
        var raw = new double[GeoPoint.Numbers];
        new GeoPoint(latitude, longitude).Compare(new GeoPoint(other, otherLongitude), raw);

        Assert.Equal(kilometres, Math.Exp(raw[0]) - 1, 0.2);
        Assert.Equal(0, raw[1]);
    }

    [Fact]
    public void Bearing_is_clockwise_from_north()
    {
        var raw = new double[GeoPoint.Numbers];
        new GeoPoint(10, 20).Compare(new GeoPoint(10.001, 20), raw);
        Assert.Equal((0, 1), (Math.Round(raw[2], 4), Math.Round(raw[3], 4)));

        new GeoPoint(0, 20).Compare(new GeoPoint(0, 20.001), raw);
        Assert.Equal((1, 0), (Math.Round(raw[2], 4), Math.Round(raw[3], 4)));
        Assert.Equal(1, raw[1]);
    }

    [Fact]
    public void Visits_to_the_same_cell_are_matched_one_to_one()
    {
        var spec = Visits();

        var raw = Compare(spec, Tags("a", "a", "a", "b", "x"), Tags("b", "a", "a", "a"), VisitCounts.Numbers);

        // Three in a and one in b; three times three and one times one pairs; of the rarer visitor's four visits all.
        Assert.Equal([Math.Log(5), Math.Log(11), 1, Math.Log(4)], raw);
        Assert.Equal(raw, Compare(spec, Tags("b", "a", "a", "a"), Tags("a", "a", "a", "b", "x"), VisitCounts.Numbers));
        Assert.Equal([0, 0, 0, 0], Compare(spec, Tags("a"), Tags("b"), VisitCounts.Numbers));
    }

    [Fact]
    public void A_position_is_one_visit_to_its_cell()
    {
        var spec = Visits();

        Assert.Equal(
            [Math.Log(2), Math.Log(2), 1, Math.Log(2)],
            Compare(spec, At(52.521, 13.411), At(52.529, 13.419), 4)
        );
        Assert.Equal([0, 0, 0, 0], Compare(spec, At(52.521, 13.411), At(52.531, 13.411), 4));
    }

    [Fact]
    public void A_side_without_the_feature_is_marked_missing()
    {
        var spec = Overlap([Tags("a")]);
        var target = new float[spec.Width];

        spec.Encode(spec.Prepare(Tags("a"), default), PairSide.Missing, target);

        Assert.Equal([0, 0, 0, 0, 0, 0, 1], target);
    }

    [Fact]
    public void A_schema_computes_pairs_from_raw_features_the_same_before_and_after_its_json()
    {
        var schema = WithPairs();
        var (user, candidate) = (Person("a", "b"), Person("b", "c"));

        var expected = Context(schema, user, candidate);

        Assert.Equal(expected, Context(FeatureSchema.FromJson(schema.ToJson()), user, candidate));
        Assert.Equal(schema.ContextWidth, expected.Length);
        Assert.NotEqual(expected, Context(schema, user, Person("x")));
    }

    private static FeatureSchema WithPairs()
    {
        var fitter = new FeatureFitter("places", new FeatureRecipe(FeatureKind.Latent, Dimensions: 2));
        Feature[] seen = [Tags("a", "b"), Tags("b", "c"), Tags("a", "c"), Tags("a", "b", "c")];
        foreach (var places in seen)
        {
            fitter.See(places);
        }

        var side = new SideSchema([fitter.Fit()]);
        var schema = new FeatureSchema(side, side, SideSchema.Empty) { Reciprocal = true };
        var same = new PairFitter("same", PairKind.Overlap, "places", "places");
        var like = new PairFitter("like", PairKind.Similarity, "places", "places");
        var cells = new PairFitter("cells", PairKind.SameCell, "places", "places");
        foreach (var places in seen)
        {
            same.See(places);
        }

        var begun = schema with { Pairs = [same.Begin(), like.Begin(), cells.Begin()] };
        for (var k = 1; k < seen.Length; k++)
        {
            var (u, c) = (begun.PrepareUser("", Features(seen[k - 1])), begun.PrepareCandidate("", Features(seen[k])));
            same.See(begun.Pairs[0], u.Pairs[0], c.Pairs[0]);
            like.See(begun.Pairs[1], u.Pairs[1], c.Pairs[1]);
            cells.See(begun.Pairs[2], u.Pairs[2], c.Pairs[2]);
        }

        return begun with
        {
            Pairs = [same.Fit(begun.Pairs[0]), like.Fit(begun.Pairs[1]), cells.Fit(begun.Pairs[2])],
        };
    }

    private static float[] Context(FeatureSchema schema, Features user, Features candidate)
    {
        var target = new float[schema.ContextWidth];
        schema.EncodeContext(null, schema.PrepareUser("", user), schema.PrepareCandidate("", candidate), target);
        return target;
    }

    private static PairSpec Overlap(IEnumerable<Feature> people)
    {
        var fitter = new PairFitter("p", PairKind.Overlap, "places", "places");
        foreach (var places in people)
        {
            fitter.See(places);
        }

        var begun = fitter.Begin();
        return begun with { Mean = [0, 0, 0, 0, 0, 0], Scale = [1, 1, 1, 1, 1, 1] };
    }

    private static PairSpec Visits() => new PairFitter("v", PairKind.SameCell, "places", "places").Begin();

    private static Feature At(double latitude, double longitude) =>
        new()
        {
            Position = new Position { Latitude = latitude, Longitude = longitude },
        };

    private static double[] Compare(PairSpec spec, Feature user, Feature candidate, int numbers = TagBag.Numbers)
    {
        var raw = new double[numbers];
        Assert.True(spec.Compare(spec.Prepare(user, default), spec.Prepare(candidate, default), raw));
        return raw;
    }

    private static Features Person(params string[] places) => Features(Tags(places));

    private static Features Features(Feature feature) => new() { Items = { feature } };

    private static Feature Tags(params string[] places) =>
        new()
        {
            Name = "places",
            Texts = new TextList { Values = { places } },
        };
}
