using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Schedules;

/// <summary>How a mini-batch is shared out: in consecutive parts whose sizes differ by one row at most.</summary>
internal static class BatchShares
{
    /// <param name="share">From 0. Empty where there are more shares than rows.</param>
    public static ReadOnlySpan<int> Of(ReadOnlySpan<int> rows, int share, int shares)
    {
        var from = (int)((long)rows.Length * share / shares);
        var to = (int)((long)rows.Length * (share + 1) / shares);
        return rows[from..to];
    }

    /// <summary>Seeds dropout and draws of one share; a batch that is not shared has its own.</summary>
    public static ulong Seed(ulong ofBatch, int share, int shares) =>
        shares == 1 ? ofBatch : RandomStream.Mix(ofBatch, 6, (ulong)share);
}
