using System.Numerics.Tensors;
using RalmActors.Trainer.Domain.Seeds;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>The seeds of one candidate in clusters, as a model reads them.</summary>
/// <param name="Assignment">Per seed, its cluster.</param>
/// <param name="Sizes">Per cluster, its seeds.</param>
/// <param name="Sums">Per cluster, the sum of its seeds' representations: clusters × width.</param>
internal sealed record SeedClusters(byte[] Assignment, int[] Sizes, float[] Sums)
{
    private volatile ClusterView? _view;

    /// <summary>
    /// What the model makes of them whoever asks; null until a request has asked. Whichever thread makes it makes the same,
    /// and clusters never change: others take their place, without it.
    /// </summary>
    public ClusterView? View
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

    /// <summary>Writes mean and log size of every cluster that has seeds; the others are left as they are.</summary>
    /// <param name="hit">The cluster of a seed that is left out; -1: none.</param>
    /// <param name="except">That seed's representation.</param>
    public void Write(int hit, ReadOnlySpan<float> except, Span<float> centres, Span<float> logSizes)
    {
        for (var cluster = 0; cluster < Sizes.Length; cluster++)
        {
            var size = Sizes[cluster] - (hit == cluster ? 1 : 0);
            if (size <= 0)
            {
                continue;
            }

            var centre = centres.Slice(cluster * Width, Width);
            Sums.AsSpan(cluster * Width, Width).CopyTo(centre);
            if (hit == cluster)
            {
                TensorPrimitives.Subtract(centre, except, centre);
            }

            TensorPrimitives.Divide(centre, size, centre);
            logSizes[cluster] = MathF.Log(size);
        }
    }
}
