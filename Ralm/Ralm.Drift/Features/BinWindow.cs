using System.Collections.Immutable;
using Ralm.Drift.State;

namespace Ralm.Drift.Features;

/// <summary>
/// Counts of the newest rows of one column, in blocks: a full block is kept whole and forgotten whole, so that a window of many
/// rows is a few numbers a bin.
/// </summary>
/// <param name="Blocks">Oldest first; the last one is being filled.</param>
internal sealed record BinWindow(ImmutableArray<ImmutableArray<long>> Blocks)
{
    public static BinWindow Empty(int bins) =>
        new([
            [.. new long[bins]],
        ]);

    public BinWindow Add(int bin) =>
        new(Blocks.SetItem(Blocks.Length - 1, Blocks[^1].SetItem(bin, Blocks[^1][bin] + 1)));

    /// <summary>Begins a block, and forgets the oldest one beyond so many full ones.</summary>
    public BinWindow Turn(int fullBlocks)
    {
        var kept = Blocks.Length > fullBlocks ? Blocks.RemoveAt(0) : Blocks;
        return new BinWindow(kept.Add([.. new long[Blocks[^1].Length]]));
    }

    public long[] Counts()
    {
        var counts = new long[Blocks[0].Length];
        foreach (var block in Blocks)
        {
            for (var bin = 0; bin < counts.Length; bin++)
            {
                counts[bin] += block[bin];
            }
        }

        return counts;
    }

    public void Write(StateWriter state)
    {
        state.Count(Blocks.Length);
        foreach (var block in Blocks)
        {
            state.Count(block.Length);
            foreach (var count in block)
            {
                state.Count(count);
            }
        }
    }

    public static BinWindow Read(StateReader state, int bins)
    {
        var blocks = state.Many(() => state.Many(() => state.Count()));
        return !blocks.IsEmpty && blocks.All(b => b.Length == bins)
            ? new BinWindow(blocks)
            : throw StateReader.Broken($"blocks that have not {bins} bins");
    }
}
