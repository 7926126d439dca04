using CsCheck;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Series;

public class SeriesStoreSpecs
{
    private const long Start = 1_764_000_000_000;

    [Fact]
    public void Every_point_comes_back_across_sealed_and_open_samplings_in_order()
    {
        var store = Filled(600);

        var points = store.Points("b", long.MinValue, long.MaxValue).ToArray();

        Assert.Equal(2, store.Sealed.Count);
        Assert.Equal(120, store.Open.Count);
        Assert.Equal(Enumerable.Range(0, 600).Select(i => new SeriesPoint(At(i), i * 0.1)), points);
    }

    [Fact]
    public void A_range_holds_its_start_and_not_its_end() =>
        Assert.Equal([239, 240, 241], Filled(600).Points("a", At(239), At(242)).Select(p => (int)p.Value));

    [Fact]
    public void Rules_look_back_an_hour_also_where_the_store_of_chunks_has_it_and_questions_are_told_nothing_twice()
    {
        var store = Filled(SeriesStore.SamplingsPerChunk + 10);
        var whole = store.Points("a", long.MinValue, long.MaxValue).ToArray();

        var stored = store.Stored(1);
        var photo = new CollectorSnapshot();
        stored.PutInto(photo);

        Assert.Equal(whole, stored.Points("a", long.MinValue, long.MaxValue));
        Assert.Equal(whole, SeriesStore.Restore(photo).Points("a", long.MinValue, long.MaxValue));
        Assert.Equal(10, stored.Read([0], long.MinValue, long.MaxValue).Points(0).Count());
        var later = stored.Append(At(SeriesStore.SamplingsPerChunk + 10) + (2 * SeriesStore.RecentMs), [0], [1]);
        Assert.Empty(later.Stored(1).Recent);
    }

    [Fact]
    public void An_unknown_metric_has_no_points() => Assert.Empty(Filled(3).Points("c", long.MinValue, long.MaxValue));

    [Fact]
    public void A_metric_missing_from_some_samplings_has_no_points_there()
    {
        var store = SeriesStore
            .Empty.Introduce(["a"])
            .Append(At(0), [0], [1])
            .Introduce(["late"])
            .Append(At(1), [1], [2]);

        Assert.Equal([new SeriesPoint(At(0), 1)], store.Points("a", long.MinValue, long.MaxValue));
        Assert.Equal([new SeriesPoint(At(1), 2)], store.Points("late", long.MinValue, long.MaxValue));
        Assert.Equal([1.0, 2.0], store.Latest);
    }

    [Fact]
    public void Appending_leaves_the_older_store_as_it_was()
    {
        var older = Filled(239);
        _ = Append(older, 239);

        Assert.Equal(239, older.Open.Count);
        Assert.Empty(older.Sealed);
    }

    [Fact]
    public void Chunks_older_than_the_retention_are_let_go()
    {
        var store = Filled(480);
        var later = At(480) + SeriesStore.RetentionMs;
        for (var i = 0; i < SeriesStore.SamplingsPerChunk; i++)
        {
            store = store.Append(later + i, [0, 1], [i, i]);
        }

        Assert.Single(store.Sealed);
        Assert.Equal(later, store.Sealed[0].FirstUnixMs);
    }

    [Fact]
    public void The_mean_per_step_is_at_the_steps_start_and_skips_NaN() =>
        Assert.Equal(
            [new SeriesPoint(-1000, 7), new SeriesPoint(0, 2), new SeriesPoint(2000, 5)],
            new SeriesPoint[] { new(-1, 7), new(0, 1), new(10, double.NaN), new(999, 3), new(2000, 5) }.MeanPerStep(
                1000
            )
        );

    [Fact]
    public void Any_samplings_come_back_from_a_chunk()
    {
        var sampling = Gen.Select(Gen.Long[0, 1L << 42], Gen.Double.Array[0, 8]);
        sampling
            .Array[0, 50]
            .Sample(rows =>
            {
                var samplings = rows.Select(r => new Sampling(r.Item1, [.. r.Item2])).ToArray();
                var back = ChunkCodec.Open(ChunkCodec.Seal(samplings));
                Assert.Equal(samplings.Length, back.Count);
                for (var i = 0; i < samplings.Length; i++)
                {
                    Assert.Equal(samplings[i].UnixMs, back[i].UnixMs);
                    for (var metric = 0; metric < 8; metric++)
                    {
                        Assert.Equal(
                            BitConverter.DoubleToInt64Bits(samplings[i][metric]),
                            BitConverter.DoubleToInt64Bits(back[i][metric])
                        );
                    }
                }
            });
    }

    private static SeriesStore Filled(int samplings) =>
        Enumerable.Range(0, samplings).Aggregate(SeriesStore.Empty.Introduce(["a", "b"]), Append);

    private static SeriesStore Append(SeriesStore store, int i) => store.Append(At(i), [0, 1], [i, i * 0.1]);

    private static long At(int i) => Start + (i * 30_000L);
}
