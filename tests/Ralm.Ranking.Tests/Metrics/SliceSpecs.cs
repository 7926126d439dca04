using Ralm.Ranking.Metrics;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Ranking.Tests.Metrics;

public sealed class SliceSpecs
{
    private static readonly FeatureSchema Schema = new(
        new SideSchema([
            new FeatureSpec("age", FeatureKind.Number, [30], [0.1], []),
            new FeatureSpec("town", FeatureKind.Category, [], [], ["north", "south"]),
        ]),
        new SideSchema([new FeatureSpec("likes", FeatureKind.Tags, [], [], ["hiking", "tea"])]),
        new SideSchema([new FeatureSpec("home", FeatureKind.Position, [0, 0], [1, 1], [])])
    );

    [Fact]
    public void Categories_are_cut_by_value_and_tags_by_yes_and_no()
    {
        var slices = Build(
            Sample(20, "north", "tea"),
            Sample(20, "elsewhere"),
            Sample(null, null, "tea", "hiking", "mountains")
        );

        Assert.Equal(["user.age", "user.town", "candidate.likes:hiking", "candidate.likes:tea"], slices.Keys);
        Assert.Equal(["north", "(other)", "(missing)"], slices["user.town"]);
        Assert.Equal(["no", "no", "yes"], slices["candidate.likes:hiking"]);
        Assert.Equal(["yes", "no", "yes"], slices["candidate.likes:tea"]);
        Assert.Equal(["20", "20", "(missing)"], slices["user.age"]);
    }

    [Fact]
    public void Many_numbers_are_cut_into_quarters_in_their_own_units()
    {
        var ages = Build([.. Enumerable.Range(20, 40).Select(age => Sample(age, null))])["user.age"];

        Assert.Equal(["20 to 29", "30 to 39", "40 to 49", "50 to 59"], ages.Distinct(StringComparer.Ordinal));
        Assert.All(ages.CountBy(a => a), quarter => Assert.Equal(10, quarter.Value));
    }

    [Fact]
    public void Users_are_cut_by_what_training_has_seen_of_them()
    {
        var column = SliceBuilder.Activity([0, 1, 4, 5, 19, 20, 99, 100, 5_000]);

        Assert.Equal([0, 1, 1, 2, 2, 3, 3, 4, 4], column.ValueOf.ToArray());
    }

    [Fact]
    public void Small_slices_have_no_figure_and_differences_are_those_of_the_slice_alone()
    {
        var (rows, scores) = GivenRows.Of(seed: 8);
        var large = Enumerable.Range(0, rows.Count).Select(row => (byte)(row < 19 ? 1 : 0)).ToArray();
        var sliced = new EvaluationRows(
            rows.Labels,
            rows.UserOf,
            rows.CandidateOf,
            [new SliceColumn("user.town", ["north", "south"], large)]
        );
        var noise = scores.Select((s, i) => i % 7 / 7f).ToArray();

        var figure = Assert.Single(SliceFigures.Of(sliced, scores, 0.95));
        var difference = Assert.Single(SliceFigures.Compare(sliced, scores, noise, 0.95));

        var expected = DeLong.Compare(scores.AsSpan(19), noise.AsSpan(19), rows.Labels.Span[19..]);
        Assert.Equal(("user.town", "north", rows.Count - 19), (figure.Feature, figure.Value, (int)figure.Rows));
        Assert.Equal(expected.First.Auc, figure.Auc, 12);
        Assert.Equal((expected.Difference, expected.PValue), (difference.Difference, difference.PValue));
        Assert.Equal(expected.Interval(0.95), (difference.Low, difference.High));
    }

    private static Dictionary<string, string[]> Build(params Sample[] samples)
    {
        var builder = new SliceBuilder(Schema);
        foreach (var sample in samples)
        {
            var (user, candidate) = (new float[Schema.User.Width], new float[Schema.Candidate.Width]);
            var context = new float[Schema.Context.Width];
            Schema.Encode(sample, user, candidate, context);
            builder.Add(user, candidate, context);
        }

        return builder
            .Build()
            .ToDictionary(
                c => c.Feature,
                c => c.ValueOf.ToArray().Select(v => c.Values[v]).ToArray(),
                StringComparer.Ordinal
            );
    }

    private static Sample Sample(double? age, string? town, params string[] likes)
    {
        var sample = new Sample
        {
            User = new Features(),
            Candidate = new Features(),
            Context = new Features(),
        };
        if (age is { } years)
        {
            sample.User.Items.Add(new Feature { Name = "age", Number = years });
        }

        if (town is not null)
        {
            sample.User.Items.Add(new Feature { Name = "town", Text = town });
        }

        var tags = new TextList { Values = { likes } };
        sample.Candidate.Items.Add(new Feature { Name = "likes", Texts = tags });
        return sample;
    }
}
