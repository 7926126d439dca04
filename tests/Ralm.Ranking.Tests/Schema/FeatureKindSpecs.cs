using System.Globalization;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using Xunit;
using static Ralm.Ranking.Tests.Schema.FittedFeatures;

namespace Ralm.Ranking.Tests.Schema;

public sealed class FeatureKindSpecs
{
    [Fact]
    public void A_number_may_be_scaled_to_its_range_and_never_leaves_it()
    {
        var spec = Fit(new FeatureRecipe(FeatureKind.Number, Scaling.MinMax), Number(10), Number(20), Number(12));

        Assert.Equal([0, 0], Encode(spec, Number(10)));
        Assert.Equal([0.5f, 0], Encode(spec, Number(15)));
        Assert.Equal([1, 0], Encode(spec, Number(1_000)));
    }

    [Fact]
    public void A_number_may_be_its_rank_whatever_its_distribution()
    {
        var values = Enumerable.Range(0, 1_001).Select(k => Number(Math.Exp(k / 100.0))).ToArray();
        var spec = Fit(new FeatureRecipe(FeatureKind.Number, Scaling.Quantile), values);

        Assert.Equal(-1, Encode(spec, Number(0))[0]);
        Assert.Equal(0, Encode(spec, Number(Math.Exp(5)))[0], 0.01f);
        Assert.Equal(0.5f, Encode(spec, Number(Math.Exp(7.5)))[0], 0.01f);
        Assert.Equal(1, Encode(spec, Number(1e9))[0]);
    }

    [Fact]
    public void A_value_that_fills_many_ranks_gets_the_middle_of_them()
    {
        var half = Enumerable.Repeat(Number(0), 500).Concat(Enumerable.Range(1, 500).Select(k => Number(k)));
        var spec = Fit(new FeatureRecipe(FeatureKind.Number, Scaling.Quantile), [.. half]);

        Assert.Equal(-0.5f, Encode(spec, Number(0))[0], 0.02f);
    }

    [Fact]
    public void A_hashed_category_has_a_place_for_every_value()
    {
        var spec = Fit(new FeatureRecipe(FeatureKind.Hashed, Buckets: 8));

        var never = Encode(spec, Text("never seen before"));
        Assert.Equal(9, never.Length);
        Assert.Equal(1, never.Sum());
        Assert.Equal(never, Encode(spec, Text("never seen before")));
        Assert.Equal(1, Encode(spec, null)[8]);
    }

    [Fact]
    public void Words_of_a_text_share_one_whatever_their_case_and_punctuation()
    {
        var spec = Fit(new FeatureRecipe(FeatureKind.Tokens, Buckets: 32));

        Assert.Equal(Encode(spec, Text("Hiking, and MUSIC!")), Encode(spec, Text("music and hiking")));
        Assert.Equal(1, Encode(spec, Text("hiking music dogs")).Sum(), 1e-6f);
    }

    [Theory]
    [InlineData("2026-11-23T00:00:00", 0, 1, 0)] // A Monday.
    [InlineData("2026-11-28T06:00:00", 1, 0, 1)] // A Saturday.
    public void Time_is_a_place_on_the_circle_of_the_day_and_says_the_weekend(
        string at,
        float sine,
        float cosine,
        float weekend
    )
    {
        var spec = Fit(new FeatureRecipe(FeatureKind.Time));
        var seconds = (DateTime.Parse(at, CultureInfo.InvariantCulture) - DateTime.UnixEpoch).TotalSeconds;

        var encoded = Encode(spec, Number(seconds));

        Assert.Equal((sine, cosine), (MathF.Round(encoded[0], 5), MathF.Round(encoded[1], 5)));
        Assert.Equal(weekend, encoded[4]);
        Assert.Equal(encoded, Encode(spec, Number(seconds + (7 * 24 * 3600))));
    }

    [Fact]
    public void Tags_of_the_same_people_come_out_close_in_the_latent_space()
    {
        // Two crowds that share no place with each other.
        var people = Enumerable
            .Range(0, 200)
            .Select(k =>
                Tags([
                    .. Enumerable.Range(0, 3).Select(n => $"{(k % 2 == 0 ? "north" : "south")}-{((k / 2) + n) % 12}"),
                ])
            )
            .ToArray();
        var spec = Fit(new FeatureRecipe(FeatureKind.Latent, Dimensions: 4), people);

        // No place in common, the same crowd; and the other crowd.
        var (a, b) = (Encode(spec, Tags(["north-0", "north-1"])), Encode(spec, Tags(["north-6", "north-7"])));
        var c = Encode(spec, Tags(["south-0", "south-1"]));

        Assert.True(Cosine(a, b) > 0.2, $"{Cosine(a, b)}");
        Assert.Equal(0, Cosine(a, c), 0.02);
        Assert.Equal(1, Encode(spec, Tags(["never seen"]))[^1]);
    }

    [Fact]
    public void The_latent_space_is_that_of_the_singular_vectors()
    {
        // One dominant direction: every row a multiple of it, apart from a little noise of rank one.
        var rows = Enumerable
            .Range(1, 50)
            .Select(k => ((int Column, float Value)[])[(0, 3 * k), (1, 4 * k), (2, k % 2 == 0 ? 0.01f : -0.01f)])
            .ToArray();

        var vectors = TruncatedSvd.RightVectors(rows, 3, 2);

        Assert.Equal(0.6, Math.Abs(vectors[0, 0]), 1e-4);
        Assert.Equal(0.8, Math.Abs(vectors[1, 0]), 1e-4);
        Assert.Equal(1, Math.Abs(vectors[2, 1]), 1e-4);
    }

    [Theory]
    [InlineData(FeatureKind.Number, 5, 0, 0, "max_values 5 is not a choice of number")]
    [InlineData(FeatureKind.Hashed, 0, 70_000, 0, "buckets 70000 must be 1 to 65,536")]
    [InlineData(FeatureKind.Latent, 0, 0, -1, "dimensions -1 must be 1 to 512")]
    public void A_choice_that_does_not_fit_the_kind_is_refused_by_name(
        FeatureKind kind,
        int maxValues,
        int buckets,
        int dimensions,
        string message
    )
    {
        var recipe = new FeatureRecipe(kind, MaxValues: maxValues, Buckets: buckets, Dimensions: dimensions);

        Assert.Equal(message, Assert.Throws<FormatException>(() => new FeatureFitter("f", recipe)).Message);
    }

    [Fact]
    public void Every_kind_survives_its_json_and_encodes_the_same_after()
    {
        var people = Enumerable.Range(0, 30).Select(k => Tags([$"t{k % 5}", $"t{k % 7}"])).ToArray();
        (FeatureSpec Spec, Feature Value)[] all =
        [
            (Fit(new FeatureRecipe(FeatureKind.Number, Scaling.Quantile), Number(1), Number(5)), Number(3)),
            (Fit(new FeatureRecipe(FeatureKind.Number, Scaling.MinMax), Number(1), Number(5)), Number(3)),
            (Fit(new FeatureRecipe(FeatureKind.Hashed, Buckets: 4)), Text("x")),
            (Fit(new FeatureRecipe(FeatureKind.Tokens, Buckets: 4)), Text("x y")),
            (Fit(new FeatureRecipe(FeatureKind.Time)), Number(1e9)),
            (Fit(new FeatureRecipe(FeatureKind.Latent, Dimensions: 3), people), people[0]),
            (Fit(new FeatureRecipe(FeatureKind.Bag)), people[0]),
        ];
        var schema = new FeatureSchema(
            new SideSchema([.. all.Select(s => s.Spec)]),
            SideSchema.Empty,
            SideSchema.Empty
        );

        var again = FeatureSchema.FromJson(schema.ToJson());

        Assert.Equal(schema.Id, again.Id);
        for (var k = 0; k < all.Length; k++)
        {
            Assert.Equal(Encode(all[k].Spec, all[k].Value), Encode(again.User.Features[k], all[k].Value));
        }
    }

    private static double Cosine(float[] a, float[] b)
    {
        var dot = a.Zip(b, (x, y) => (double)x * y).Sum();
        return dot / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
    }

    private static Feature Number(double value) => new() { Name = "f", Number = value };

    private static Feature Text(string value) => new() { Name = "f", Text = value };

    private static Feature Tags(string[] values) =>
        new()
        {
            Name = "f",
            Texts = new TextList { Values = { values } },
        };
}
