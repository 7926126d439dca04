namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// How sorted 64-bit hashes are laid on pages: by their first bits. Hashes are even, so all pages are about as full, and
/// all split at once.
/// </summary>
internal static class HashPages
{
    /// <summary>Which page a hash is on.</summary>
    /// <param name="bits">There are 2^bits pages.</param>
    public static int IndexOf(ulong hash, int bits) => bits == 0 ? 0 : (int)(hash >> (64 - bits));

    /// <summary>Cuts hashes into pages of about so many.</summary>
    /// <param name="rising">All hashes.</param>
    /// <returns>The bits, and the range of each page in <paramref name="rising"/>.</returns>
    public static (int Bits, IReadOnlyList<Range> Pages) Cut(IReadOnlyList<ulong> rising, int mostPerPage)
    {
        var bits = 0;
        while (rising.Count >> bits > mostPerPage)
        {
            bits++;
        }

        var pages = new Range[1 << bits];
        var from = 0;
        for (var p = 0; p < pages.Length; p++)
        {
            var to = from;
            while (to < rising.Count && IndexOf(rising[to], bits) == p)
            {
                to++;
            }

            pages[p] = from..to;
            from = to;
        }

        return (bits, pages);
    }

    /// <summary>Where a page is cut when all split: how many of its hashes go on the first half.</summary>
    /// <param name="page">Its hashes, rising.</param>
    /// <param name="index">Of the page, among 2^bits.</param>
    public static int Middle(ulong[] page, int index, int bits)
    {
        var boundary = ((ulong)(2 * index + 1)) << (63 - bits);
        var cut = Array.FindIndex(page, hash => hash >= boundary);
        return cut < 0 ? page.Length : cut;
    }
}
