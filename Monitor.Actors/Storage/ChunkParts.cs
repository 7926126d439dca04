using Google.Protobuf;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Storage;

/// <summary>
/// A chunk as rows of a store: up to <see cref="ColumnsPerPart"/> metrics in each, so that a question about one metric of a large
/// source reads little more than it needs.
/// </summary>
public static class ChunkParts
{
    public const int ColumnsPerPart = 64;

    public static IEnumerable<(int Part, byte[] Body)> Split(Chunk chunk) =>
        chunk.Columns.Count == 0
            ? [(0, chunk.ToByteArray())]
            : chunk
                .Columns.GroupBy(c => PartOf((int)c.Metric))
                .Select(part => (part.Key, new Chunk(WithoutColumns(chunk)) { Columns = { part } }.ToByteArray()));

    /// <summary>Which parts have these metrics.</summary>
    public static IReadOnlySet<int> PartsOf(IEnumerable<int> metrics) => metrics.Select(PartOf).ToHashSet();

    /// <summary>Rows as chunks again.</summary>
    /// <param name="rows">Those of one chunk together.</param>
    public static async IAsyncEnumerable<Chunk> Join(IAsyncEnumerable<byte[]> rows)
    {
        Chunk? open = null;
        await foreach (var body in rows.ConfigureAwait(false))
        {
            var part = Chunk.Parser.ParseFrom(body);
            if (open is not null && open.Nr == part.Nr)
            {
                open.Columns.Add(part.Columns);
                continue;
            }

            if (open is not null)
            {
                yield return open;
            }

            open = part;
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    private static int PartOf(int metric) => metric / ColumnsPerPart;

    private static Chunk WithoutColumns(Chunk chunk) =>
        new()
        {
            FirstUnixMs = chunk.FirstUnixMs,
            LastUnixMs = chunk.LastUnixMs,
            Count = chunk.Count,
            Times = chunk.Times,
            Nr = chunk.Nr,
            ThroughNr = chunk.ThroughNr,
        };
}
