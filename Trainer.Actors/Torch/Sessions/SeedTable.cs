using System.Numerics.Tensors;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Domain.Seeds;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// The seeds of every candidate as a model reads them: their representations, in clusters. A response that is being
/// predicted is taken out of its cluster, or its label would be among its inputs.
/// </summary>
/// <param name="width">Numbers of one representation.</param>
/// <param name="clusters">At most, per candidate.</param>
internal sealed class SeedTable(Audiences audiences, int width, int clusters)
{
    /// <summary>Log size of no seed at all: its share of any softmax is zero.</summary>
    private const float None = -1e4f;

    private readonly Dictionary<int, Clustered> _large = [];
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
                _large[candidate] = Cluster(seeds, transformed, SeedStream.Mix(4, (ulong)candidate));
            }
        }
    }

    /// <summary>Writes the candidate's clusters and returns how many seeds are in them.</summary>
    /// <param name="except">A user who is left out; -1: none.</param>
    /// <param name="centres">clusters × width.</param>
    public int Write(int candidate, int except, Span<float> centres, Span<float> logSizes)
    {
        var seeds = audiences.Of(candidate);
        var place = seeds.BinarySearch(except);
        WriteNone(centres, logSizes);
        if (_large.TryGetValue(candidate, out var clustered))
        {
            Write(clustered, place, except, centres, logSizes);
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

    /// <summary>A candidate without seeds.</summary>
    public static void WriteNone(Span<float> centres, Span<float> logSizes)
    {
        logSizes.Fill(None);
        centres.Clear();
    }

    private Clustered Cluster(ReadOnlySpan<int> seeds, float[] transformed, ulong seed)
    {
        var points = new float[seeds.Length * width];
        for (var k = 0; k < seeds.Length; k++)
        {
            transformed.AsSpan(seeds[k] * width, width).CopyTo(points.AsSpan(k * width));
        }

        var result = new Clustered(new byte[seeds.Length], new int[clusters], new float[clusters * width]);
        KMeans.Assign(points, width, clusters, seed, result.Assignment);
        for (var k = 0; k < seeds.Length; k++)
        {
            var cluster = result.Assignment[k];
            var sum = result.Sums.AsSpan(cluster * width, width);
            TensorPrimitives.Add(sum, Representation(seeds[k]), sum);
            result.Sizes[cluster]++;
        }

        return result;
    }

    private void Write(Clustered from, int place, int except, Span<float> centres, Span<float> logSizes)
    {
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var isHit = place >= 0 && from.Assignment[place] == cluster;
            var size = from.Sizes[cluster] - (isHit ? 1 : 0);
            if (size <= 0)
            {
                continue;
            }

            var centre = centres.Slice(cluster * width, width);
            from.Sums.AsSpan(cluster * width, width).CopyTo(centre);
            if (isHit)
            {
                TensorPrimitives.Subtract(centre, Representation(except), centre);
            }

            TensorPrimitives.Divide(centre, size, centre);
            logSizes[cluster] = MathF.Log(size);
        }
    }

    private ReadOnlySpan<float> Representation(int user) => _representations.AsSpan(user * width, width);

    /// <param name="Assignment">Per seed, its cluster.</param>
    /// <param name="Sums">Per cluster, the sum of its seeds' representations.</param>
    private sealed record Clustered(byte[] Assignment, int[] Sizes, float[] Sums);
}
