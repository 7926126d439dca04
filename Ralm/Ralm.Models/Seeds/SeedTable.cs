using System.Numerics.Tensors;
using Ralm.Ranking.Seeds;

namespace Ralm.Models.Seeds;

/// <summary>
/// The seeds of every candidate as a model reads them: their representations, in clusters. A response that is being
/// predicted is taken out of its cluster, or its label would be among its inputs; and so is, where times are known, what came
/// after it. (Which cluster a seed is in follows from all of them.)
/// </summary>
/// <param name="width">Numbers of one representation.</param>
/// <param name="clusters">At most, per candidate.</param>
internal sealed class SeedTable(Audiences audiences, SeedOrder order, int width, int clusters)
{
    /// <summary>Log size of no seed at all: its share of any softmax is zero.</summary>
    public const float None = -1e4f;

    private readonly Dictionary<int, SeedClusters> _large = [];
    private float[] _representations = [];

    /// <param name="representations">users × width.</param>
    /// <param name="transformed">The same users as the model compares them; candidates of more seeds than clusters are
    /// clustered by it.</param>
    public void Cluster(float[] representations, float[] transformed)
    {
        _representations = representations;
        _large.Clear();
        for (var candidate = 0; candidate < audiences.Candidates; candidate++)
        {
            var seeds = audiences.Of(candidate);
            if (seeds.Length > clusters)
            {
                _large[candidate] = Cluster(seeds, transformed, order.StartOf(candidate));
            }
        }
    }

    /// <summary>All clusters of this candidate behind these are empty.</summary>
    public int ClustersUsed(int candidate) => Math.Min(audiences.Of(candidate).Length, clusters);

    /// <summary>Writes the candidate's clusters and returns how many seeds are in them.</summary>
    /// <param name="except">A user who is left out; -1: none.</param>
    /// <param name="before">Seeds that came at that time or later are left out: microseconds since 1970.</param>
    /// <param name="centres">clusters × width.</param>
    public int Write(int candidate, int except, long before, Span<float> centres, Span<float> logSizes)
    {
        var seeds = audiences.Of(candidate);
        var place = seeds.BinarySearch(except);
        WriteNone(centres, logSizes);
        var large = _large.GetValueOrDefault(candidate);
        if (
            audiences.SinceOf(candidate) is { IsEmpty: false } since
            && since.IndexOfAnyExceptInRange(0, before - 1) >= 0
        )
        {
            return WriteEarlier(seeds, since, place, before, large, centres, logSizes);
        }

        if (large is not null)
        {
            var representation = place < 0 ? default : Representation(except);
            large.Write(place < 0 ? -1 : large.Assignment[place], representation, centres, logSizes);
        }
        else
        {
            var slot = 0;
            foreach (var seed in seeds)
            {
                if (seed != except)
                {
                    Representation(seed).CopyTo(centres[(slot * width)..]);
                    logSizes[slot++] = 0;
                }
            }
        }

        return seeds.Length - (place >= 0 ? 1 : 0);
    }

    private int WriteEarlier(
        ReadOnlySpan<int> seeds,
        ReadOnlySpan<long> since,
        int except,
        long before,
        SeedClusters? large,
        Span<float> centres,
        Span<float> logSizes
    )
    {
        var count = 0;
        Span<int> sizes = stackalloc int[clusters];
        for (var k = 0; k < seeds.Length; k++)
        {
            if (k != except && since[k] < before)
            {
                var cluster = large?.Assignment[k] ?? count;
                var centre = centres.Slice(cluster * width, width);
                TensorPrimitives.Add(centre, Representation(seeds[k]), centre);
                sizes[cluster]++;
                count++;
            }
        }

        for (var cluster = 0; cluster < clusters; cluster++)
        {
            if (sizes[cluster] > 0)
            {
                var centre = centres.Slice(cluster * width, width);
                TensorPrimitives.Divide(centre, sizes[cluster], centre);
                logSizes[cluster] = MathF.Log(sizes[cluster]);
            }
        }

        return count;
    }

    /// <summary>A candidate without seeds.</summary>
    public static void WriteNone(Span<float> centres, Span<float> logSizes)
    {
        logSizes.Fill(None);
        centres.Clear();
    }

    private SeedClusters Cluster(ReadOnlySpan<int> seeds, float[] transformed, ulong start)
    {
        var places = order.PlacesOf(seeds);
        var (of, points) = (new float[seeds.Length * width], new float[seeds.Length * width]);
        for (var k = 0; k < places.Length; k++)
        {
            var seed = seeds[places[k]];
            Representation(seed).CopyTo(of.AsSpan(k * width));
            transformed.AsSpan(seed * width, width).CopyTo(points.AsSpan(k * width));
        }

        var made = SeedClusters.Of(of, points, width, clusters, start);
        var assignment = new byte[places.Length];
        for (var k = 0; k < places.Length; k++)
        {
            assignment[places[k]] = made.Assignment[k];
        }

        return made with
        {
            Assignment = assignment,
        };
    }

    /// <summary>Of the user at that place, as it was when seeds were clustered.</summary>
    public ReadOnlySpan<float> Representation(int user) => _representations.AsSpan(user * width, width);
}
