using RalmActors.AbTesting.Actors.Tests.Scale;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

[Collection(AloneCollection.Name)]
public sealed class UnitTableSpecs
{
    [Fact]
    public void It_holds_what_a_dictionary_holds_and_older_tables_do_not_change() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var (table, model) = (UnitTable.Empty(2), new SortedDictionary<ulong, (UnitHead, long, long)>());
            var keys = Enumerable.Range(0, 400).Select(_ => (ulong)random.NextInt64() * 2).ToArray();
            UnitTable? half = null;
            for (var i = 0; i < 1200; i++)
            {
                half = i == 600 ? table : half;
                var key = keys[random.Next(keys.Length)];
                var head = new UnitHead((uint)random.Next(), (byte)random.Next(20), 1, (ushort)random.Next(65_536));
                (long, long) values = (random.NextInt64(), -random.NextInt64());
                table = table.Set(key, head, [values.Item1, values.Item2]);
                model[key] = (head, values.Item1, values.Item2);
            }

            Assert.Equal(model.Count, table.Count);
            Assert.Equal(
                model.Select(m => (m.Key, m.Value)),
                table.All().Select(u => (u.Key, (u.Head, u.Values[0], u.Values[1])))
            );
            Assert.All(
                model,
                m =>
                {
                    Assert.True(table.TryGet(m.Key, out var head, out var values));
                    Assert.Equal(m.Value, (head, values[0], values[1]));
                }
            );
            Assert.False(table.TryGet(1, out _, out _));
            Assert.Equal(half!.Count, half.All().Count());

            var again = UnitTable.Restore(
                2,
                [.. model.Keys],
                [.. model.Values.Select(v => v.Item1.Packed)],
                [.. model.Values.SelectMany(v => new[] { v.Item2, v.Item3 })],
                []
            );
            Assert.Equal(
                table.All().Select(u => (u.Key, u.Head, u.Values[1])),
                again.All().Select(u => (u.Key, u.Head, u.Values[1]))
            );
            var grown = again.Set(1, default, [5, 6]).Widen(3);
            Assert.True(grown.TryGet(1, out _, out var wide));
            Assert.Equal([5L, 6L, 0L], wide.ToArray());
        });

    /// <summary>Weighed again where memory of specs before it has gone meanwhile: no spec runs beside it, some still end.</summary>
    [Fact]
    public Task A_unit_takes_sixteen_bytes_and_eight_per_value() =>
        Eventually.Is(() => BytesOfAUnit() is > 20 and < 30);

    private static double BytesOfAUnit()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = UnitTable.Empty(1);
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            table = table.Set((ulong)random.NextInt64() * 2, default, [i]);
        }

        return (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)table.Count;
    }
}
