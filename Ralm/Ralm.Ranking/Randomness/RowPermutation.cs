namespace Ralm.Ranking.Randomness;

/// <summary>
/// A shuffled order of the rows 0..count-1 that is computed, not stored: any batch of any epoch can be asked for by
/// itself, so a resumed run needs no history and ten million rows need no memory.
/// </summary>
/// <remarks>
/// A balanced Feistel network of six rounds over the smallest even number of bits that holds the count, walked until
/// the value falls below the count (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"): a bijection.
/// </remarks>
/// <param name="count">Rows, 0 to 2^31-1.</param>
/// <param name="seed">The same seed, the same order.</param>
public sealed class RowPermutation(int count, ulong seed)
{
    private const int Rounds = 6;

    private readonly int _half = Math.Max(1, (RandomStream.BitsFor(count) + 1) / 2);

    public int Count => count;

    /// <summary>The row at this place of the order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The place is not 0..count-1.</exception>
    public int this[int place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, count);
            var x = (ulong)place;
            do
            {
                x = Encrypt(x);
            } while (x >= (ulong)count);

            return (int)x;
        }
    }

    /// <summary>The rows of one mini-batch, from 0; the last one of an epoch may be shorter.</summary>
    public int[] Batch(int batch, int batchSize)
    {
        var first = checked(batch * batchSize);
        var rows = new int[Math.Clamp(count - first, 0, batchSize)];
        for (var k = 0; k < rows.Length; k++)
        {
            rows[k] = this[first + k];
        }

        return rows;
    }

    private ulong Encrypt(ulong x)
    {
        var mask = (1UL << _half) - 1;
        var left = x >> _half;
        var right = x & mask;
        for (var round = 0; round < Rounds; round++)
        {
            var f = RandomStream.Finish(seed + (right << 8) + (ulong)round) & mask;
            (left, right) = (right, left ^ f);
        }

        return (left << _half) | right;
    }
}
