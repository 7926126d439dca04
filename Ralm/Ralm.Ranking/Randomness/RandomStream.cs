using System.Numerics;

namespace Ralm.Ranking.Randomness;

/// <summary>
/// Seeds as a pure function of where the run stands. Nothing about random numbers has to be saved: epoch and batch say
/// it all.
/// </summary>
public static class RandomStream
{
    /// <summary>Mixes the parts into one seed; the order of the parts matters.</summary>
    public static ulong Mix(params ReadOnlySpan<ulong> parts)
    {
        var h = 0x9E3779B97F4A7C15UL;
        foreach (var part in parts)
        {
            h = Finish(h ^ Finish(part + 0x9E3779B97F4A7C15UL));
        }

        return h;
    }

    /// <summary>The seed of one mini-batch's dropout.</summary>
    public static ulong ForBatch(ulong runSeed, long epoch, long batch) => Mix(runSeed, 1, (ulong)epoch, (ulong)batch);

    /// <summary>The seed of one epoch's order of rows.</summary>
    public static ulong ForEpoch(ulong runSeed, long epoch) => Mix(runSeed, 2, (ulong)epoch);

    /// <summary>The seed of the first weights.</summary>
    public static ulong ForWeights(ulong runSeed) => Mix(runSeed, 3);

    /// <summary>SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection of 64 bits without visible structure.</summary>
    public static ulong Finish(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>The n-th uniform number of a seed, 0 inclusive to 1 exclusive, 24 bits.</summary>
    public static float Uniform(ulong seed, long n) =>
        (Finish(seed + ((ulong)(n + 1) * 0x9E3779B97F4A7C15UL)) >> 40) * (1.0f / (1 << 24));

    internal static int BitsFor(long count) => count <= 1 ? 0 : 64 - BitOperations.LeadingZeroCount((ulong)(count - 1));
}
