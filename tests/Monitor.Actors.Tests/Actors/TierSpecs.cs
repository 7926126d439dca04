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

/// <summary>The past is kept the coarser the longer ago it is, and what it was is told all the same.</summary>
public sealed class TierSpecs : Akka.Hosting.TestKit.TestKit
{
    private const int Samplings = 3 * 2880;

    private static readonly TimeSpan Patience = Waiting.Patience;
    private readonly FakeTimeProvider _clock = new(T0);
    private readonly MemoryChunkStore _chunks = new();

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithRalmSerialization().WithInMemoryJournal().WithInMemorySnapshotStore();

    [Fact]
    public async Task Steps_are_the_same_from_tiers_as_from_points_though_the_points_are_gone()
    {
        var collector = Start();
        await Fill(collector);
        await Eventually.Is(3, async () => (await Spans(1)).Count);
        await Eventually.Is(async () =>
            (await Spans(0))[0].LastUnixMs >= _clock.GetUtcNow().AddDays(-1).AddHours(-21).ToUnixTimeMilliseconds()
        );

        var minutes = await Ask(collector, 300);
        var oddMinutes = await Ask(collector, 600);
        var points = await Ask(collector, 0);

        AssertSteps(minutes, 300);
        AssertSteps(oddMinutes, 600);
        Assert.InRange(points.UnixMs.Count, 2880, Samplings - 2880);
    }

    [Fact]
    public async Task A_collector_that_is_ended_again_and_again_makes_each_tier_once()
    {
        var collector = Start();
        for (var day = 0; day < 3; day++)
        {
            await Fill(collector, day * 2880, 2880);
            Watch(collector);
            Sys.Stop(collector);
            await ExpectTerminatedAsync(collector, Patience);
            collector = Start();
        }

        await Eventually.Is(3, async () => (await Spans(1)).Count);
        AssertSteps(await Ask(collector, 300), 300);
        var spans = await Spans(1);
        Assert.Equal(spans.Skip(1).Select(s => s.Nr), spans.SkipLast(1).Select(s => s.ThroughNr + 1));
    }

    private IActorRef Start()
    {
        var options = new CollectorOptions
        {
            LookEvery = TimeSpan.FromMilliseconds(20),
            KeepPoints = TimeSpan.FromDays(1),
        };
        Func<Type, ICanTell?> way = _ => null;
        return Sys.ActorOf(Props.Create(() => new CollectorActor(Source, options, _chunks, _clock, way)));
    }

    private async Task Fill(IActorRef collector, int from = 0, int count = Samplings)
    {
        for (var i = from; i < from + count; i++)
        {
            _clock.SetUtcNow(At(i));
            var reply = await collector.Ask<CommandReply>(
                Sampling($"s-{i}", At(i), ("wave", Wave(i)), ("count", i)),
                Patience
            );
            Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
        }
    }

    private static void AssertSteps(ManySeriesReply reply, int seconds)
    {
        var expected = Enumerable
            .Range(0, Samplings)
            .GroupBy(i => Downsampling.StartOf(At(i).ToUnixTimeMilliseconds(), seconds * 1000L))
            .Select(g => (g.Key, g.Min(Wave), g.Max(Wave), Wave(g.Last()), g.Last(), Mean: g.Average(Wave)))
            .ToArray();
        var (count, wave) = (reply.Series[0], reply.Series[1]);
        Assert.Equal(
            expected.Select(e => (e.Key, e.Item2, e.Item3, e.Item4, (double)e.Item5)),
            reply.UnixMs.Select((at, i) => (at, wave.Least[i], wave.Most[i], wave.Last[i], count.Last[i]))
        );
        Assert.All(
            expected.Zip(wave.Values),
            p => Assert.Equal(p.First.Mean, p.Second, 1e-6 * Math.Abs(p.First.Mean) + 1e-6)
        );
    }

    private async Task<IReadOnlyList<ChunkSpan>> Spans(int tier) =>
        await _chunks.Spans(Source, tier, 0, TestContext.Current.CancellationToken);

    private static Task<ManySeriesReply> Ask(IActorRef collector, int step) =>
        collector.Ask<ManySeriesReply>(new GetManySeries { StepSeconds = step }, Patience);

    private static double Wave(int i) => Math.Round(100 * Math.Sin(i / 50.0), 3);

    private static DateTimeOffset At(int i) => T0.AddSeconds(30 * i);
}
