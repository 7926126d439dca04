using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Storage;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

/// <summary>
/// Journaling, sealing, storing, photographing and deleting in any order that a collector may do them, and a crash after any of
/// them: the newest photograph that is left, the rest of the journal and the store have each point, once.
/// </summary>
public class StoragePrefixSpecs
{
    private const int Steps = 1000;

    [Fact]
    public void No_point_is_lost_or_doubled_wherever_it_ends() =>
        Seeds.ForEach(seed => new Run(new Random(seed)).Go().GetAwaiter().GetResult());

    [Fact]
    public async Task What_an_earlier_release_photographed_moves_into_the_store()
    {
        var run = new Run(new Random(1));
        var photo = run.PhotographOfAnEarlierRelease(700);

        var state = CollectorState.FromSnapshot(Source, photo);
        var store = new MemoryChunkStore();
        await store.Write(Source, 0, [.. state.Series.Sealed], TestContext.Current.CancellationToken);
        var after = state.Apply(new ChunksStored { ThroughNr = state.Series.Sealed[^1].Nr });

        Assert.Equal([1L, 2], state.Series.Sealed.Select(c => c.Nr));
        Assert.Empty(after.Series.Sealed);
        Assert.Equal(Enumerable.Range(0, 700).Select(i => (double)i), await Run.Read(after, store));
        var photographed = (CollectorSnapshot)after.ToSnapshot();
        Assert.Empty(photographed.Chunks);
        Assert.Equal(
            Enumerable.Range(0, 700).Select(i => (double)i),
            await Run.Read(CollectorState.FromSnapshot(Source, photographed), store)
        );
    }

    private sealed class Run(Random random)
    {
        private readonly List<IEvent> _journal = [];
        private readonly List<(int SequenceNr, EntitySnapshot Photo)> _photos = [];
        private readonly MemoryChunkStore _store = new();
        private readonly List<double> _expected = [];
        private EntityCore<CollectorState> _core = new(Source);
        private int _deletedTo;
        private long _writtenThrough;

        public async Task Go()
        {
            for (var step = 0; step < Steps; step++)
            {
                switch (random.Next(400))
                {
                    case 0 or 1 when _core.State.Series.Sealed is { IsEmpty: false } sealedChunks:
                        var some = sealedChunks.Take(1 + random.Next(2)).ToArray();
                        await _store.Write(Source, 0, some, CancellationToken.None);
                        _writtenThrough = some[^1].Nr;
                        break;
                    case 2 when _writtenThrough > _core.State.Series.StoredThroughNr:
                        Journal(new ChunksStored { ThroughNr = _writtenThrough });
                        break;
                    case 3:
                        _photos.Add((_journal.Count, _core.ToSnapshot()));
                        break;
                    case 4 when _photos.Count > 1:
                        _deletedTo = _photos[^2].SequenceNr;
                        _photos.RemoveRange(0, _photos.Count - 2);
                        break;
                    case 5:
                        Crash();
                        await AssertEveryPointOnce();
                        break;
                    default:
                        Sample(step);
                        break;
                }
            }

            await AssertEveryPointOnce();
            Crash();
            await AssertEveryPointOnce();
        }

        public CollectorSnapshot PhotographOfAnEarlierRelease(int samplings)
        {
            for (var i = 0; i < samplings; i++)
            {
                Sample(i, i);
            }

            var photo = (CollectorSnapshot)_core.State.ToSnapshot();
            (photo.SealedChunks, photo.StoredThroughNr) = (0, 0);
            foreach (var chunk in photo.Chunks)
            {
                chunk.Nr = 0;
            }

            return photo;
        }

        public static async Task<IEnumerable<double>> Read(CollectorState state, MemoryChunkStore store)
        {
            if (
                state.Begin(new GetManySeries { SourceId = Source, Metrics = { "cpu" } })
                is not { Reading: { } reading }
            )
            {
                return [];
            }

            var query = new ChunkQuery(Source, 0, reading.Metrics, reading.FromUnixMs, reading.ToUnixMs)
            {
                ThroughNr = reading.StoredThroughNr,
            };
            await foreach (var chunk in store.Read(query, CancellationToken.None))
            {
                reading.Take(chunk);
            }

            return ((ManySeriesReply)reading.End()).Series[0].Values;
        }

        private void Sample(int step) => Sample(step, random.Next(1000));

        private void Sample(int step, double value)
        {
            var at = T0.AddSeconds(step);
            foreach (var e in _core.Decide(Sampling($"s-{_journal.Count}", at, ("cpu", value)), at).Events)
            {
                Journal(e);
            }

            _expected.Add(value);
        }

        private void Journal(IEvent e)
        {
            e.Header ??= new EventHeader();
            _journal.Add(e);
            _core.Apply(e);
        }

        /// <summary>What is in memory alone is gone.</summary>
        private void Crash()
        {
            _core = new EntityCore<CollectorState>(Source);
            var from = 0;
            if (_photos.Count > 0)
            {
                from = _photos[^1].SequenceNr;
                Assert.True(_core.TryRestore(_photos[^1].Photo.Clone(), from));
            }

            Assert.True(from >= _deletedTo);
            foreach (var e in _journal.Skip(from))
            {
                _core.Apply(e);
            }

            _writtenThrough = _core.State.Series.StoredThroughNr;
        }

        private async Task AssertEveryPointOnce() => Assert.Equal(_expected, await Read(_core.State, _store));
    }
}
