using Ralm.Ranking.OffPolicy;
using RalmActors.Messages.Serving;
using Xunit;

namespace Ralm.Ranking.Tests.OffPolicy;

public sealed class DrawnListSpecs
{
    private static readonly float[] Scores = [0.2f, 0.9f, 0.5f, 0.5f];

    public static TheoryData<double, double> Explorations =>
        new()
        {
            { 0.3, 0 },
            { 0, 1 },
            { 0.2, 2 },
            { 1, 0 },
        };

    /// <summary>Of 40,000 lists: each as often as the product of its chances says, to four standard errors.</summary>
    [Theory]
    [MemberData(nameof(Explorations))]
    public void Lists_come_as_often_as_their_chances_say(double epsilon, double temperature)
    {
        const int Lists = 40_000;
        var exploration = new Exploration { Epsilon = epsilon, Temperature = temperature };
        var seen = new Dictionary<string, (int Times, double Chance)>(StringComparer.Ordinal);
        for (var k = 0; k < Lists; k++)
        {
            var list = DrawnList.Of(Scores, exploration, $"r-{k}");
            var name = string.Concat(list.Select(p => p.Candidate));
            var chance = list.Aggregate(1.0, (product, p) => product * p.Propensity);
            seen[name] = (seen.GetValueOrDefault(name).Times + 1, chance);
        }

        Assert.All(
            seen.Values,
            s =>
                Assert.InRange(
                    s.Times / (double)Lists,
                    s.Chance - (4 * Math.Sqrt(s.Chance / Lists)) - (1.0 / Lists),
                    s.Chance + (4 * Math.Sqrt(s.Chance / Lists)) + (1.0 / Lists)
                )
        );
        // All that came are nearly all there is.
        Assert.InRange(seen.Values.Sum(s => s.Chance), 0.999, 1.000001);
    }

    [Theory]
    [MemberData(nameof(Explorations))]
    public void The_first_place_is_told_alike_by_the_list_and_by_whoever_asks(double epsilon, double temperature)
    {
        var exploration = new Exploration { Epsilon = epsilon, Temperature = temperature };
        var chances = DrawnList.FirstPlace(Scores, exploration);

        Assert.Equal(1, chances.Sum(), 12);
        Assert.All(
            Enumerable.Range(0, 100).Select(k => DrawnList.Of(Scores, exploration, $"r-{k}")[0]),
            first => Assert.Equal(chances[first.Candidate], first.Propensity, 12)
        );
    }

    /// <summary>exp(l / T) of log odds: of .9 to .5 nine to one at T = 1, three to one at T = 2.</summary>
    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 3)]
    public void A_temperature_weighs_odds(double temperature, double ratio)
    {
        var chances = DrawnList.FirstPlace(Scores, new Exploration { Temperature = temperature });

        Assert.Equal(ratio, chances[1] / chances[2], 5);
        Assert.Equal(chances[2], chances[3], 12);
    }

    /// <summary>.7 for the best, and the rest of .3 for each alike.</summary>
    [Fact]
    public void Epsilon_is_shared_out_among_all() =>
        Assert.Equal(
            [0.075, 0.775, 0.075, 0.075],
            DrawnList.FirstPlace(Scores, new Exploration { Epsilon = 0.3 }).Select(c => Math.Round(c, 12))
        );

    [Fact]
    public void The_same_request_is_the_same_list()
    {
        var exploration = new Exploration { Epsilon = 0.5, Temperature = 1 };

        Assert.Equal(DrawnList.Of(Scores, exploration, "r-7"), DrawnList.Of(Scores, exploration, "r-7"));
        Assert.InRange(
            Enumerable
                .Range(0, 20)
                .Select(k => DrawnList.Of(Scores, exploration, $"r-{k}")[0].Candidate)
                .Distinct()
                .Count(),
            3,
            4
        );
    }

    [Fact]
    public void Everybody_stands_once_and_every_chance_is_one()
    {
        float[] extremes = [0, 1, float.Epsilon, 0.999_999_9f, .. Enumerable.Repeat(0.3f, 996)];

        var list = DrawnList.Of(extremes, new Exploration { Temperature = 0.01 }, "r");

        Assert.Equal(Enumerable.Range(0, 1_000), list.Select(p => p.Candidate).Order());
        Assert.All(list, p => Assert.InRange(p.Propensity, 0, 1));
        Assert.Equal(1, list[^1].Propensity, 12);
    }
}
