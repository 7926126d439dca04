using Ralm.Models.Seeds;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Seeds;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public class LiveSeedsSpecs
{
    private const int Width = 3;
    private const int Clusters = 5;

    [Fact]
    public void Up_to_as_many_seeds_as_clusters_each_is_its_own_also_after_one_has_gone()
    {
        var seeds = LiveSeeds.Of(Width, Clusters, 1, Seeds(0, 4)).With([.. Seeds(4, 1)], ["s-01"]);

        var (count, sizes, centres) = Read(seeds, except: "");

        Assert.Equal((4, 4), (count, sizes.Count(s => s == 1)));
        Assert.Equal(new[] { 0, 2, 3, 4 }.SelectMany(k => Vector(k).Representation), centres.Take(4 * Width));
    }

    [Fact]
    public void A_new_seed_joins_the_nearest_cluster_at_once_and_the_others_stay()
    {
        var before = LiveSeeds.Of(Width, Clusters, 1, Seeds(0, 40));
        var twin = new SeedVector("s-99", [7, 7, 7], Vector(13).Transformed);

        var after = before.With([twin], []);

        Assert.Equal(before.Clusters.Assignment, after.Clusters.Assignment[..40]);
        var cluster = NearestMean(before, twin.Transformed);
        Assert.Equal(cluster, after.Clusters.Assignment[40]);
        Assert.Equal(before.Clusters.Sizes[cluster] + 1, after.Clusters.Sizes[cluster]);
        Assert.Equal((40, 1), (after.Clustered, after.Changes));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void Every_seed_is_found_by_its_user_in_whatever_order_they_came_and_were_renewed(int count)
    {
        var renewed = Vector(2) with { Representation = [9, 9, 9] };
        var seeds = LiveSeeds.Of(Width, Clusters, 1, Seeds(0, count).Reverse());

        var after = seeds.With([Vector(count), renewed, .. Seeds(50, 1)], ["s-01", "s-00"]);

        Assert.Equal(count, after.Count);
        Assert.All(after.Seeds, (s, k) => Assert.Equal(k, after.IndexOf(s.UserId)));
        Assert.Same(renewed, after.Seeds[after.IndexOf("s-02")]);
        Assert.All((string[])["s-00", "s-01", "stranger", ""], id => Assert.True(after.IndexOf(id) < 0));
    }

    [Fact]
    public void Clusters_made_anew_are_those_of_the_seeds_alone_however_they_came()
    {
        var seeds = LiveSeeds.Of(Width, Clusters, 1, Seeds(0, 20));
        for (var k = 20; k < 60; k++)
        {
            seeds = seeds.With([Vector(k)], [$"s-{k - 20:00}"]);
        }

        var anew = seeds.Anew();

        Assert.Equal(LiveSeeds.Of(Width, Clusters, 1, Seeds(40, 20)).Clusters.Assignment, anew.Clusters.Assignment);
        Assert.Equal((20, 0), (anew.Clustered, anew.Changes));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void The_user_who_asks_is_left_out_as_in_training(int count)
    {
        var seeds = LiveSeeds.Of(Width, Clusters, 1, Seeds(0, count));

        var (all, sizes, _) = Read(seeds, except: "stranger");
        var (others, without, centres) = Read(seeds, except: "s-03");

        Assert.Equal((count, count), (all, (int)Math.Round(sizes.Sum())));
        Assert.Equal((count - 1, count - 1), (others, (int)Math.Round(without.Sum())));
        var total = Enumerable.Range(0, Clusters).Sum(c => without[c] * centres[c * Width]);
        Assert.Equal(Seeds(0, count).Sum(s => s.Representation[0]) - Vector(3).Representation[0], total, 1e-3);
    }

    /// <summary>Wherever people stand in the dataset's tables.</summary>
    [Fact]
    public void They_are_clustered_as_a_dataset_s_are()
    {
        var people = Enumerable.Range(0, 50).Select(Vector).OrderBy(p => p.UserId[^1]).ToArray();
        var table = new SeedTable(
            new Audiences(2, [.. people.Select((_, k) => (k, 1))]),
            SeedOrder.Of([.. people.Select(p => p.UserId)], ["other", "star"]),
            Width,
            Clusters
        );
        table.Cluster([.. people.SelectMany(p => p.Representation)], [.. people.SelectMany(p => p.Transformed)]);
        var (centres, logSizes) = (new float[Clusters * Width], new float[Clusters]);
        var count = table.Write(1, Array.FindIndex(people, p => p.UserId == "s-07"), long.MaxValue, centres, logSizes);

        var live = Read(LiveSeeds.Of(Width, Clusters, ClusterStart.Of("star"), people), except: "s-07");

        Assert.Equal(count, live.Count);
        Assert.Equal(centres, live.Centres);
    }

    private static (int Count, float[] Sizes, float[] Centres) Read(LiveSeeds seeds, string except)
    {
        var (centres, logSizes) = (new float[Clusters * Width], new float[Clusters]);
        SeedTable.WriteNone(centres, logSizes);
        var count = seeds.Write(except, centres, logSizes);
        return (count, Array.ConvertAll(logSizes, MathF.Exp), centres);
    }

    private static int NearestMean(LiveSeeds seeds, float[] to) =>
        Enumerable
            .Range(0, Clusters)
            .MinBy(c =>
            {
                var mine = seeds.Seeds.Where((_, k) => seeds.Clusters.Assignment[k] == c).ToArray();
                return Enumerable.Range(0, Width).Sum(n => Math.Pow(mine.Average(s => s.Transformed[n]) - to[n], 2));
            });

    private static IEnumerable<SeedVector> Seeds(int from, int count) => Enumerable.Range(from, count).Select(Vector);

    private static SeedVector Vector(int k) =>
        new(
            $"s-{k:00}",
            [RandomStream.Uniform(1, k), RandomStream.Uniform(2, k), k],
            [RandomStream.Uniform(3, k) + (k % 5 * 4), RandomStream.Uniform(4, k), 1]
        );
}
