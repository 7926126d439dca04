using System.Numerics.Tensors;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Seeds;

/// <summary>
/// Lloyd's K-means (1982) from k-means++ starts (Arthur and Vassilvitskii 2007). Deterministic: the starts follow from the
/// seed, and points keep their cluster where two are equally near.
/// </summary>
public static class KMeans
{
    private const int Turns = 10;

    /// <param name="points">count × width.</param>
    /// <param name="clusters">1 to the number of points.</param>
    /// <param name="assignment">Per point, its cluster; as long as there are points.</param>
    public static void Assign(ReadOnlySpan<float> points, int width, int clusters, ulong seed, Span<byte> assignment)
    {
        var centres = Starts(points, width, clusters, seed);
        for (var turn = 0; turn < Turns; turn++)
        {
            if (!Nearest(points, width, centres, assignment) && turn > 0)
            {
                return;
            }

            Centre(points, width, centres, assignment);
        }
    }

    private static float[] Starts(ReadOnlySpan<float> points, int width, int clusters, ulong seed)
    {
        var count = points.Length / width;
        var centres = new float[clusters * width];
        var nearest = new float[count];
        nearest.AsSpan().Fill(float.MaxValue);
        var pick = (int)(RandomStream.Uniform(seed, 0) * count);
        for (var c = 0; c < clusters; c++)
        {
            Point(points, width, pick).CopyTo(centres.AsSpan(c * width));
            var sum = 0.0;
            for (var p = 0; p < count; p++)
            {
                nearest[p] = Math.Min(nearest[p], Squared(Point(points, width, p), centres.AsSpan(c * width, width)));
                sum += nearest[p];
            }

            var at = RandomStream.Uniform(seed, c + 1) * sum;
            pick = 0;
            while (pick < count - 1 && (at -= nearest[pick]) > 0)
            {
                pick++;
            }
        }

        return centres;
    }

    /// <summary>True when a point has changed its cluster.</summary>
    private static bool Nearest(ReadOnlySpan<float> points, int width, float[] centres, Span<byte> assignment)
    {
        var changed = false;
        for (var p = 0; p < assignment.Length; p++)
        {
            var point = Point(points, width, p);
            var (best, distance) = (0, float.MaxValue);
            for (var c = 0; c < centres.Length / width; c++)
            {
                var candidate = Squared(point, centres.AsSpan(c * width, width));
                if (candidate < distance)
                {
                    (best, distance) = (c, candidate);
                }
            }

            changed |= assignment[p] != best;
            assignment[p] = (byte)best;
        }

        return changed;
    }

    /// <summary>A cluster without points keeps its centre.</summary>
    private static void Centre(ReadOnlySpan<float> points, int width, float[] centres, ReadOnlySpan<byte> assignment)
    {
        var sums = new float[centres.Length];
        var counts = new int[centres.Length / width];
        for (var p = 0; p < assignment.Length; p++)
        {
            var sum = sums.AsSpan(assignment[p] * width, width);
            TensorPrimitives.Add(sum, Point(points, width, p), sum);
            counts[assignment[p]]++;
        }

        for (var c = 0; c < counts.Length; c++)
        {
            if (counts[c] > 0)
            {
                var centre = centres.AsSpan(c * width, width);
                TensorPrimitives.Divide(sums.AsSpan(c * width, width), counts[c], centre);
            }
        }
    }

    private static ReadOnlySpan<float> Point(ReadOnlySpan<float> points, int width, int p) =>
        points.Slice(p * width, width);

    private static float Squared(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var distance = TensorPrimitives.Distance(a, b);
        return distance * distance;
    }
}
