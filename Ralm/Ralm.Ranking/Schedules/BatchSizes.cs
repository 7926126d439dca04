using System.Numerics;

namespace Ralm.Ranking.Schedules;

/// <summary>
/// Rows of one mini-batch where a run leaves it open: 512, and fewer on small data, so that an epoch still has at least 64
/// steps; never fewer than 32. Fixed for good: a resumed run asks again.
/// </summary>
internal static class BatchSizes
{
    private const int Most = 512;
    private const int Least = 32;
    private const int Steps = 64;

    /// <param name="chosen">0: left open.</param>
    public static int Of(int chosen, int trainRows) =>
        chosen > 0
            ? chosen
            : Math.Clamp((int)(BitOperations.RoundUpToPowerOf2((uint)((trainRows / Steps) + 1)) / 2), Least, Most);
}
