using System.Numerics.Tensors;
using Ralm.Ranking.Seeds;

namespace Ralm.Models.Seeds;

/// <summary>The seeds of one candidate in clusters, as a model reads them.</summary>
/// <param name="Assignment">Per seed, its cluster.</param>
/// <param name="Sizes">Per cluster, its seeds.</param>
/// <param name="Sums">Per cluster, the sum of its seeds' representations: clusters × width.</param>
internal sealed record SeedClusters(byte[] Assignment, int[] Sizes, float[] Sums)
{
    private volatile CachedClusterView? _view;

    /// <summary>
    /// What the model makes of them whoever asks; null until a request has asked. Whichever thread makes it makes the same,
    /// and clusters never change: others take their place, without it.
    /// </summary>
    public CachedClusterView? View
    {
        get => _view;
        set => _view = value;
    }

    private int Width => Sums.Length / Sizes.Length;

    /// <param name="representations">seeds × width.</param>
    /// <param name="transformed">The same seeds as the model compares them; they are clustered by it.</param>
    public static SeedClusters Of(
        ReadOnlySpan<float> representations,
        ReadOnlySpan<float> transformed,
        int width,
        int clusters,
        ulong seed
    )
    {
        var assignment = new byte[representations.Length / width];
        KMeans.Assign(transformed, width, clusters, seed, assignment);
        return Of(representations, width, clusters, assignment);
    }

    public static SeedClusters Of(ReadOnlySpan<float> representations, int width, int clusters, byte[] assignment)
    {
        var result = new SeedClusters(assignment, new int[clusters], new float[clusters * width]);
        for (var k = 0; k < assignment.Length; k++)
        {
            var sum = result.Sums.AsSpan(assignment[k] * width, width);
            TensorPrimitives.Add(sum, representations.Slice(k * width, width), sum);
            result.Sizes[assignment[k]]++;
        }

        return result;
    }

    /// <summary>Writes mean and log size of every cluster.</summary>
    /// <param name="hit">The cluster of a seed that is left out; -1: none.</param>
    /// <param name="except">That seed's representation.</param>
    public void Write(int hit, ReadOnlySpan<float> except, Span<float> centres, Span<float> logSizes)
    {
        for (var cluster = 0; cluster < Sizes.Length; cluster++)
        {
            logSizes[cluster] = WriteOne(
                cluster,
                hit == cluster ? except : default,
                centres.Slice(cluster * Width, Width)
            );
        }
    }

    /// <summary>Writes the mean of one cluster and returns its log size.</summary>
    /// <param name="except">The representation of a seed that is left out; empty: none.</param>
    public float WriteOne(int cluster, ReadOnlySpan<float> except, Span<float> centre)
    {
        var size = Sizes[cluster] - (except.IsEmpty ? 0 : 1);
        if (size <= 0)
        {
            centre.Clear();
            return SeedTable.None;
        }

        ReadOnlySpan<float> sum = Sums.AsSpan(cluster * Width, Width);
        if (!except.IsEmpty)
        {
            TensorPrimitives.Subtract(sum, except, centre);
            sum = centre;
        }

        TensorPrimitives.Divide(sum, size, centre);
        return MathF.Log(size);
    }
}
