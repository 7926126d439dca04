using System.Runtime.InteropServices;

namespace Ralm.Ranking.Calibration;

/// <param name="Weight">Rows in it.</param>
/// <param name="X">Mean of their scores.</param>
/// <param name="Y">Mean of their targets.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct IsotonicBlock(double Weight, double X, double Y)
{
    public static IsotonicBlock operator +(IsotonicBlock a, IsotonicBlock b)
    {
        var weight = a.Weight + b.Weight;
        return new(
            weight,
            ((a.Weight * a.X) + (b.Weight * b.X)) / weight,
            ((a.Weight * a.Y) + (b.Weight * b.Y)) / weight
        );
    }
}

/// <summary>
/// The rising step function nearest to given targets in least squares, by pooling neighbours that fall (Ayer et al. 1955).
/// </summary>
public static class PoolAdjacentViolators
{
    /// <param name="scores">In any order; equal ones are one block from the start.</param>
    /// <param name="targets">One per score.</param>
    /// <returns>By rising score, and rising target from block to block.</returns>
    /// <exception cref="ArgumentException">Not one target per score.</exception>
    public static List<IsotonicBlock> Fit(ReadOnlySpan<double> scores, ReadOnlySpan<double> targets)
    {
        if (scores.Length != targets.Length)
        {
            throw new ArgumentException($"{scores.Length} scores and {targets.Length} targets", nameof(targets));
        }

        var (x, y) = (scores.ToArray(), targets.ToArray());
        Array.Sort(x, y);
        var blocks = new List<IsotonicBlock>();
        for (var row = 0; row < x.Length; )
        {
            var block = new IsotonicBlock(1, x[row], y[row]);
            for (row++; row < x.Length && x[row] == x[row - 1]; row++)
            {
                // Not a mean of equals, which may round away from them.
                var tied = block + new IsotonicBlock(1, x[row], y[row]);
                block = tied with { X = block.X };
            }

            while (blocks.Count > 0 && blocks[^1].Y >= block.Y)
            {
                block = blocks[^1] + block;
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(block);
        }

        return blocks;
    }
}
