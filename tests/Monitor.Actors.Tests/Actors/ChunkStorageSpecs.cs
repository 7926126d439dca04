using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Domain.Series;
using RalmActors.Monitoring.Storage;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Actors;

/// <summary>A collector that ends between any two steps of storing what it has sealed has every point, once.</summary>
public sealed class ChunkStorageSpecs : Akka.Hosting.TestKit.TestKit
{
    private const int Samplings = 500;

    private static readonly TimeSpan Patience = Waiting.Patience;
    private readonly FakeTimeProvider _clock = new(T0.AddHours(5));
    private readonly HaltingStore _chunks = new();

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithRalmSerialization().WithInMemoryJournal().WithInMemorySnapshotStore();

    [Fact]
    public async Task What_is_stored_leaves_the_collector()
    {
        var collector = await Filled();

        await Eventually.Is(2L, () => Task.FromResult(_chunks.Written));
        await AssertEveryPointOnce(collector);
        _chunks.Loses = true;
        await Eventually.Is(Samplings - 480, async () => (await Ask(collector)).Values.Count);
    }

    [Theory]
    [InlineData(Halt.BeforeWriting)]
    [InlineData(Halt.AfterWriting)]
    public async Task One_that_ends_while_it_stores_has_every_point_once(Halt halt)
    {
        _chunks.Halt = halt;
        var collector = await Filled();
        await Eventually.Is(() => Task.FromResult(_chunks.Halted));
        await AssertEveryPointOnce(collector);
        await Kill(collector);
        _chunks.Halt = Halt.Never;

        var again = Start();

        await Eventually.Is(2L, () => Task.FromResult(_chunks.Written));
        await AssertEveryPointOnce(again);
        await Kill(again);
        await AssertEveryPointOnce(Start());
    }

    [Fact]
    public async Task A_store_that_fails_is_tried_again_and_meanwhile_nothing_is_missing()
    {
        _chunks.Fails = true;
        var collector = await Filled();
        await AssertEveryPointOnce(collector);
        _chunks.Fails = false;

        // The fake clock does not move the timers of the actor system: those are real.
        await Eventually.Is(2L, () => Task.FromResult(_chunks.Written));
        await AssertEveryPointOnce(collector);
    }

    [Fact]
    public async Task A_question_that_the_store_does_not_answer_is_unavailable()
    {
        var collector = await Filled();
        await Eventually.Is(2L, () => Task.FromResult(_chunks.Written));
        await AssertEveryPointOnce(collector);
        _chunks.Fails = true;

        await Eventually.Is(async () =>
            await collector.Ask<IWireMessage>(new GetSeries { Metric = "cpu" }, Patience)
                is CommandReply { Outcome: CommandOutcome.Unavailable }
        );
    }

    private async Task<IActorRef> Filled()
    {
        var collector = Start();
        for (var i = 0; i < Samplings; i++)
        {
            var reply = await collector.Ask<CommandReply>(
                Sampling($"s-{i}", T0.AddSeconds(i), ("cpu", i), ("other", -i)),
                Patience
            );
            Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
        }

        return collector;
    }

    private static async Task AssertEveryPointOnce(IActorRef collector) =>
        Assert.Equal(Enumerable.Range(0, Samplings).Select(i => (double)i), (await Ask(collector)).Values);

    private static Task<SeriesReply> Ask(IActorRef collector) =>
        collector.Ask<SeriesReply>(new GetSeries { Metric = "cpu" }, Patience);

    private IActorRef Start()
    {
        var options = new CollectorOptions
        {
            LookEvery = TimeSpan.FromMilliseconds(20),
            Entity = new EntityOptions { SnapshotEvery = 100 },
        };
        Func<Type, ICanTell?> way = _ => null;
        return Sys.ActorOf(Props.Create(() => new CollectorActor(Source, options, _chunks, _clock, way)));
    }

    /// <summary>At once, as a process ends: what is under way comes back to nobody.</summary>
    private async Task Kill(IActorRef collector)
    {
        Watch(collector);
        Sys.Stop(collector);
        await ExpectTerminatedAsync(collector, Patience);
    }

    public enum Halt
    {
        Never,
        BeforeWriting,
        AfterWriting,
    }

    /// <summary>A store whose writer can be met at any moment.</summary>
    private sealed class HaltingStore : IChunkStore
    {
        private readonly MemoryChunkStore _inner = new();
        private readonly HashSet<long> _written = [];

        public Halt Halt { get; set; }

        public bool Fails { get; set; }

        public bool Loses { get; set; }

        public bool Halted { get; private set; }

        public long Written => _written.Count;

        public async Task Write(string sourceId, int tier, IReadOnlyList<Chunk> chunks, CancellationToken ct)
        {
            if (Fails)
            {
                throw new IOException("the disk is full");
            }

            if (Halt == Halt.BeforeWriting)
            {
                await Never();
            }

            await _inner.Write(sourceId, tier, chunks, ct);
            if (Halt == Halt.AfterWriting)
            {
                await Never();
            }

            _written.UnionWith(chunks.Select(c => c.Nr));
        }

        public IAsyncEnumerable<Chunk> Read(ChunkQuery query, CancellationToken ct) =>
            Fails ? throw new IOException("the disk is gone")
            : Loses ? AsyncEnumerable.Empty<Chunk>()
            : _inner.Read(query, ct);

        public Task<IReadOnlyList<ChunkSpan>> Spans(string sourceId, int tier, long afterNr, CancellationToken ct) =>
            _inner.Spans(sourceId, tier, afterNr, ct);

        public Task<long> Covered(string sourceId, int tier, CancellationToken ct) =>
            _inner.Covered(sourceId, tier, ct);

        public Task Delete(string sourceId, int tier, long endedBeforeUnixMs, long throughNr, CancellationToken ct) =>
            _inner.Delete(sourceId, tier, endedBeforeUnixMs, throughNr, ct);

        private Task Never()
        {
            Halted = true;
            return new TaskCompletionSource().Task;
        }
    }
}
