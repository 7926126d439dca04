using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Actors;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Actors;

public sealed class CollectorActorSpecs : Akka.Hosting.TestKit.TestKit
{
    private static readonly TimeSpan Patience = Waiting.Patience;
    private readonly FakeTimeProvider _clock = new(T0.AddHours(5));
    private int _starts;

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithRalmSerialization().WithInMemoryJournal().WithInMemorySnapshotStore();

    [Fact]
    public async Task An_alert_is_told_when_it_fires_and_when_it_resolves_but_not_while_pending()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AlertNotification));
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 30)));

        await Accepted(collector, Sampling("l-0", T0, ("cpu", 95)));
        await Accepted(collector, Sampling("l-1", T0.AddSeconds(30), ("cpu", 96)));
        await Accepted(collector, Sampling("l-2", T0.AddSeconds(60), ("cpu", 1)));

        var fired = await ExpectMsgAsync<AlertNotification>(Patience);
        Assert.Equal((Source, AlertStatus.Firing, 96), (fired.SourceId, fired.Alert.Status, fired.Alert.Value));
        Assert.Equal(AlertStatus.Resolved, (await ExpectMsgAsync<AlertNotification>(Patience)).Alert.Status);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_silenced_alert_is_not_told()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AlertNotification));
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 0), Rule("loud", forSeconds: 0)));
        await Accepted(collector, Silence("s", "cpu-high", T0.AddHours(6)));

        await Accepted(collector, Sampling("l-0", T0, ("cpu", 95)));

        Assert.Equal("loud", (await ExpectMsgAsync<AlertNotification>(Patience)).Alert.RuleId);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_restarted_collector_has_every_point_and_tells_of_what_is_firing()
    {
        // Over two sealed chunks and two snapshots, and some looks after them.
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 0)));
        for (var i = 0; i < 530; i++)
        {
            await Accepted(collector, Sampling($"l-{i}", T0.AddSeconds(30 * i), ("cpu", i), ("other", i * 0.1)));
        }

        var before = await collector.Ask<SeriesReply>(new GetSeries { Metric = "other" }, Patience);
        await Stop(collector);
        Sys.EventStream.Subscribe(TestActor, typeof(AlertNotification));
        var again = Start();
        var after = await again.Ask<SeriesReply>(new GetSeries { Metric = "other" }, Patience);

        Assert.Equal(530, after.Values.Count);
        Assert.Equal(before, after);
        Assert.Equal(AlertStatus.Firing, (await ExpectMsgAsync<AlertNotification>(Patience)).Alert.Status);
    }

    [Fact]
    public async Task The_same_sampling_again_is_a_duplicate_even_after_a_restart()
    {
        var collector = Start();
        await Accepted(collector, Sampling("l-0", T0, ("cpu", 1)));
        await Stop(collector);

        var reply = await Start().Ask<CommandReply>(Sampling("l-0", T0, ("cpu", 1)), Patience);

        Assert.Equal(CommandOutcome.Duplicate, reply.Outcome);
    }

    private IActorRef Start()
    {
        var options = new EntityOptions { SnapshotEvery = 200 };
        return Sys.ActorOf(Props.Create(() => new CollectorActor(Source, options, _clock)), $"collector-{++_starts}");
    }

    private async Task Stop(IActorRef collector)
    {
        Watch(collector);
        collector.Tell(StopEntity.Instance);
        await ExpectTerminatedAsync(collector, Patience);
        Unwatch(collector);
    }

    private static async Task Accepted(IActorRef collector, ICommand command) =>
        Assert.Equal(CommandOutcome.Accepted, (await collector.Ask<CommandReply>(command, Patience)).Outcome);
}
