using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Notifying;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Actors;

public sealed class CollectorActorSpecs : Akka.Hosting.TestKit.TestKit
{
    private static readonly TimeSpan Patience = Waiting.Patience;
    private readonly FakeTimeProvider _clock = new(T0.AddHours(5));
    private int _starts;
    private IActorRef? _notifier;

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
    public async Task A_restarted_collector_has_every_point_and_tells_nobody_again_what_is_firing()
    {
        // Over two sealed chunks and two snapshots, and some samplings after them.
        Sys.EventStream.Subscribe(TestActor, typeof(AlertNotification));
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 0)));
        for (var i = 0; i < 530; i++)
        {
            await Accepted(collector, Sampling($"l-{i}", T0.AddSeconds(30 * i), ("cpu", i), ("other", i * 0.1)));
        }

        Assert.Equal(AlertStatus.Firing, (await ExpectMsgAsync<AlertNotification>(Patience)).Alert.Status);
        await Told(collector);
        var before = await collector.Ask<SeriesReply>(new GetSeries { Metric = "other" }, Patience);
        await Stop(collector);
        var again = Start();
        var after = await again.Ask<SeriesReply>(new GetSeries { Metric = "other" }, Patience);

        Assert.Equal(530, after.Values.Count);
        Assert.Equal(before, after);
        // What it is told next comes after whatever reading it would have told.
        await Accepted(again, Sampling("normal", T0.AddSeconds(30 * 530), ("cpu", 1)));
        Assert.Equal(AlertStatus.Resolved, (await ExpectMsgAsync<AlertNotification>(Patience)).Alert.Status);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_source_that_goes_silent_is_noticed_though_nobody_calls_and_its_rules_say_what_that_means()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AlertNotification));
        var (kept, down, ends) = (Rule("kept", 0), Rule("down", 0, 1000), Rule("ends", 0));
        (down.NoData, ends.NoData) = (NoData.Fire, NoData.Resolve);
        var collector = Start();
        await Accepted(collector, Rules("r", kept, down, ends));
        await Accepted(collector, Sampling("l-0", _clock.GetUtcNow(), ("cpu", 95)));
        await Told(collector);
        _clock.Advance(TimeSpan.FromSeconds(91));

        var told = new List<(string, AlertStatus)>();
        for (var i = 0; i < 4; i++)
        {
            var notification = await ExpectMsgAsync<AlertNotification>(Patience);
            told.Add((notification.Alert.RuleId, notification.Alert.Status));
        }

        Assert.Equal(
            [
                ("kept", AlertStatus.Firing),
                ("ends", AlertStatus.Firing),
                ("down", AlertStatus.Firing),
                ("ends", AlertStatus.Resolved),
            ],
            told
        );
        var alerts = await collector.Ask<AlertsReply>(new GetAlerts(), Patience);
        Assert.Equal(
            [("down", AlertStatus.Firing), ("ends", AlertStatus.Resolved), ("kept", AlertStatus.NoData)],
            alerts.Alerts.Select(a => (a.RuleId, a.Status))
        );
        Assert.Equal(AlertStatus.Firing, alerts.Alerts.Single(a => a.RuleId == "kept").Before);
    }

    [Fact]
    public async Task After_the_clock_has_jumped_ahead_and_back_the_collector_goes_on()
    {
        var collector = Start();
        await Accepted(collector, Sampling("l-0", _clock.GetUtcNow(), ("cpu", 1)));
        var truth = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromDays(30));
        await Accepted(collector, Sampling("l-1", _clock.GetUtcNow(), ("cpu", 2)));
        await Stop(collector);
        _clock.AdjustTime(truth.AddSeconds(30));
        var again = Start();

        await Accepted(again, Sampling("l-2", _clock.GetUtcNow(), ("cpu", 3)));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await Accepted(again, Sampling("l-3", _clock.GetUtcNow(), ("cpu", 4)));

        var series = await again.Ask<SeriesReply>(new GetSeries { Metric = "cpu" }, Patience);
        Assert.Equal([1.0, 3, 4, 2], series.Values);
    }

    [Fact]
    public async Task Samplings_that_two_snapshots_hold_leave_the_journal_and_every_point_is_still_there()
    {
        var collector = Start();
        for (var i = 0; i < 650; i++)
        {
            await Accepted(collector, Sampling($"l-{i}", T0.AddSeconds(i), ("cpu", i)));
        }

        await Stop(collector);
        // Snapshots at 200, 400 and 600: 400 and what has come since are kept.
        await Eventually.Is(250, JournaledRows);
        var again = Start();
        var series = await again.Ask<SeriesReply>(new GetSeries { Metric = "cpu" }, Patience);
        Assert.Equal(Enumerable.Range(0, 650).Select(i => (double)i), series.Values);
        var duplicate = await again.Ask<CommandReply>(Sampling("l-3", T0.AddSeconds(3), ("cpu", 3)), Patience);
        Assert.Equal(CommandOutcome.Duplicate, duplicate.Outcome);
    }

    [Fact]
    public async Task A_snapshot_that_is_not_read_leaves_the_one_before_it_and_the_journal_since()
    {
        var collector = Start();
        for (var i = 0; i < 650; i++)
        {
            await Accepted(collector, Sampling($"l-{i}", T0.AddSeconds(i), ("cpu", i)));
        }

        await Eventually.Is(250, JournaledRows);
        await Stop(collector);
        var planter = Sys.ActorOf(Props.Create(() => new JournalReader()));
        await planter.Ask<string>(new EntitySnapshot { StateManifest = "ralm.no.such.Form" }, Patience);

        var series = await Start().Ask<SeriesReply>(new GetSeries { Metric = "cpu" }, Patience);

        Assert.Equal(650, series.Values.Count);
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
        var options = new CollectorOptions
        {
            LookEvery = TimeSpan.FromMilliseconds(20),
            RepeatEvery = null,
            Entity = new EntityOptions { SnapshotEvery = 200 },
        };
        _notifier ??= Sys.ActorOf(Props.Create(() => new NotifierActor(Array.Empty<INotifyChannel>)));
        Func<Type, ICanTell?> way = _ => _notifier;
        return Sys.ActorOf(
            Props.Create(() => new CollectorActor(Source, options, _clock, way)),
            $"collector-{++_starts}"
        );
    }

    private async Task Stop(IActorRef collector)
    {
        Watch(collector);
        collector.Tell(StopEntity.Instance);
        await ExpectTerminatedAsync(collector, Patience);
        Unwatch(collector);
    }

    /// <summary>In the collector's journal.</summary>
    private Task<int> JournaledRows() =>
        Sys.ActorOf(Props.Create(() => new JournalReader())).Ask<int>("rows", Patience);

    /// <summary>Reads the collector's journal without its snapshots, and puts snapshots beside it.</summary>
    private sealed class JournalReader : Akka.Persistence.ReceivePersistentActor
    {
        private int _rows;
        private IActorRef _planter = ActorRefs.Nobody;

        public JournalReader()
        {
            RecoverAny(message => _rows += message is RalmActors.Messages.Wire.IWireMessage ? 1 : 0);
            Command<string>(_ =>
            {
                Sender.Tell(_rows);
                Context.Stop(Self);
            });
            Command<EntitySnapshot>(snapshot =>
            {
                _planter = Sender;
                SaveSnapshot(snapshot);
            });
            Command<Akka.Persistence.SaveSnapshotSuccess>(_ =>
            {
                _planter.Tell("planted");
                Context.Stop(Self);
            });
        }

        public override string PersistenceId => $"collector-{Source}";

        public override Akka.Persistence.Recovery Recovery => new(Akka.Persistence.SnapshotSelectionCriteria.None);
    }

    /// <summary>People know of everything.</summary>
    private static Task Told(IActorRef collector) =>
        Eventually.Is(async () => (await collector.Ask<AlertsReply>(new GetAlerts(), Patience)).Untold.Count == 0);

    private static async Task Accepted(IActorRef collector, ICommand command) =>
        Assert.Equal(CommandOutcome.Accepted, (await collector.Ask<CommandReply>(command, Patience)).Outcome);
}
