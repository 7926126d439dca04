using Ralm.Models.Seeds;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Seeds;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.LookAlike;

public sealed class SeedSpecs
{
    private const int Width = 2;

    [Fact]
    public void A_repeated_response_is_one_seed_and_seeds_are_in_order()
    {
        var audiences = new Audiences(3, [(5, 1), (2, 1), (5, 1), (7, 2)]);

        Assert.Equal([], audiences.Of(0).ToArray());
        Assert.Equal([2, 5], audiences.Of(1).ToArray());
        Assert.Equal([7], audiences.Of(2).ToArray());
        Assert.Equal(3, audiences.Count);
    }

    [Fact]
    public void Points_of_separate_groups_are_separate_clusters()
    {
        float[] points = [.. Enumerable.Range(0, 60).SelectMany(k => Point(k % 3 * 10, k))];
        var assignment = new byte[60];

        KMeans.Assign(points, Width, 3, seed: 1, assignment);

        for (var k = 3; k < 60; k++)
        {
            Assert.Equal(assignment[k % 3], assignment[k]);
        }

        Assert.Equal(3, assignment.Distinct().Count());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void Leaving_a_seed_out_gives_what_there_would_be_without_it(int seeds)
    {
        // Fewer seeds than clusters are their own clusters; more are brought together.
        const int clusters = 4;
        var representations = Representations(20);
        var all = Enumerable.Range(0, seeds).Select(user => (user, 0)).ToArray();
        var with = Table(new Audiences(1, all), clusters, representations);

        for (var left = 0; left < seeds; left++)
        {
            var (centres, sizes, count) = Read(with, clusters, except: left);

            Assert.Equal(seeds - 1, count);
            Assert.Equal(seeds - 1, sizes.Sum(s => Math.Exp(s)), 1e-3);
            for (var d = 0; d < Width; d++)
            {
                var sum = Enumerable.Range(0, clusters).Sum(c => Math.Exp(sizes[c]) * centres[(c * Width) + d]);
                var expected = Enumerable
                    .Range(0, seeds)
                    .Where(u => u != left)
                    .Sum(u => representations[(u * Width) + d]);
                Assert.Equal(expected, sum, 1e-3);
            }
        }
    }

    [Fact]
    public void A_user_who_is_no_seed_leaves_everything_as_it_is()
    {
        var table = Table(new Audiences(1, [(1, 0), (2, 0)]), 4, Representations(5));

        Assert.Equal(2, Read(table, 4, except: 3).Count);
        Assert.Equal(Read(table, 4, except: -1).Centres, Read(table, 4, except: 3).Centres);
    }

    [Fact]
    public void A_candidate_without_seeds_has_no_share_in_any_softmax()
    {
        var (centres, sizes, count) = Read(Table(new Audiences(1, []), 4, Representations(1)), 4, except: 0);

        Assert.Equal(0, count);
        Assert.All(centres, c => Assert.Equal(0, c));
        Assert.All(sizes, s => Assert.Equal(0, Math.Exp(s)));
    }

    /// <summary>With as many seeds as clusters, and with more: those have their clusters of all seeds.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void A_row_sees_none_that_came_with_it_or_later(int seeds)
    {
        const int Clusters = 4;
        var representations = Representations(seeds);
        int[] users = [.. Enumerable.Range(0, seeds)];
        long[] since = [.. users.Select(u => 10L * (u + 1))];
        var table = Table(new Audiences(1, new int[seeds], users, since), Clusters, representations);
        var (centres, logSizes) = (new float[Clusters * Width], new float[Clusters]);

        var count = table.Write(0, except: 1, before: 30, centres, logSizes);

        // Users 0 and 1 came before, and 1 is left out.
        Assert.Equal(1, count);
        var slot = Array.FindIndex(logSizes, l => l == 0);
        Assert.Equal(Point(0, 0), centres.AsSpan(slot * Width, Width).ToArray());
        Assert.Equal(1, logSizes.Sum(l => Math.Exp(l)), 1e-6);
        Assert.Equal(seeds - 1, Read(table, Clusters, except: 1).Count);
    }

    private static SeedTable Table(Audiences audiences, int clusters, float[] representations)
    {
        var table = new SeedTable(audiences, SeedOrder.ByPlace, Width, clusters);
        table.Cluster(representations, representations);
        return table;
    }

    private static (float[] Centres, float[] LogSizes, int Count) Read(SeedTable table, int clusters, int except)
    {
        var (centres, sizes) = (new float[clusters * Width], new float[clusters]);
        return (centres, sizes, table.Write(0, except, long.MaxValue, centres, sizes));
    }

    private static float[] Representations(int users) => [.. Enumerable.Range(0, users).SelectMany(u => Point(u, u))];

    private static float[] Point(float at, int k) => [at + RandomStream.Uniform(1, k), at - RandomStream.Uniform(2, k)];
}
