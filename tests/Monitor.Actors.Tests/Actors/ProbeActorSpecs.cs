using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Hosting;
using RalmActors.Monitoring.Probes;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Monitoring.Tests.Actors;

/// <summary>The clock and the scheduler are moved by hand; nothing waits.</summary>
public sealed class ProbeActorSpecs : Akka.Hosting.TestKit.TestKit
{
    private static readonly MonitoringOptions Options = new()
    {
        NodeName = "a",
        Interval = TimeSpan.FromSeconds(30),
        RetryAfter = TimeSpan.FromSeconds(10),
        MaxWaitingSamplings = 3,
    };

    private readonly FakeTimeProvider _clock = new(Given.T0);

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.AddHocon(
            "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"",
            HoconAddMode.Prepend
        );

    [Fact]
    public void A_node_is_looked_at_on_start_and_then_each_interval()
    {
        Start();

        Answer(ExpectLook(at: 0));
        Pass(seconds: 30);
        var second = ExpectLook(at: 30);

        Assert.Equal(("node:a", "node:a/sampling/1767225630000"), (second.SourceId, second.Header.CommandId));
        Assert.Contains(second.Points, p => p is { Name: "samplings", Value: 2 });
    }

    [Fact]
    public void A_sampling_is_repeated_unchanged_until_it_is_answered()
    {
        Start();
        var first = ExpectLook(at: 0);

        Pass(seconds: 10);
        Assert.Equal(first, ExpectLook(at: 0));
        Reply(first, CommandOutcome.Unavailable);
        Pass(seconds: 10);
        Assert.Equal(first, ExpectLook(at: 0));
        Answer(first);
        Pass(seconds: 5);

        Assert.False(Collector.HasMessages);
    }

    [Fact]
    public void Looks_leave_in_order_and_a_refused_one_does_not_hold_up_the_next()
    {
        Start();
        var first = ExpectLook(at: 0);
        Pass(seconds: 30, each: 30);
        while (Collector.HasMessages)
        {
            Assert.Equal(first, Collector.ExpectMsg<RecordMetrics>());
        }

        Reply(first, CommandOutcome.Rejected);

        ExpectLook(at: 30);
    }

    [Fact]
    public void With_no_collector_the_oldest_samplings_are_dropped_and_counted()
    {
        Start();
        ExpectLook(at: 0);
        Pass(seconds: 150, each: 30);
        Pass(seconds: 10);
        var oldest = NewestLook();
        Answer(oldest);
        var left = new List<RecordMetrics> { oldest, Collector.ExpectMsg<RecordMetrics>() };
        Answer(left[^1]);
        left.Add(Collector.ExpectMsg<RecordMetrics>());
        Answer(left[^1]);

        Assert.Equal([90.0, 120, 150], left.Select(l => (l.At.ToDateTimeOffset() - Given.T0).TotalSeconds));
        Assert.Contains(left[^1].Points, p => p is { Name: "monitor_samplings_dropped", Value: 2 });
    }

    [Fact]
    public void A_source_without_rules_gets_the_default_ones_and_one_with_rules_keeps_its_own()
    {
        var probe = Start(answerRules: false);
        Collector.FishForMessage(m => m is GetAlerts);
        probe.Tell(new AlertsReply(), Collector.Ref);

        var set = (SetRules)Collector.FishForMessage(m => m is SetRules);
        Assert.Equal(NodeRules.Default, set.Rules);
        // Nobody said that they arrived: it asks again, and rests when told that there are some.
        Pass(seconds: 30);
        Collector.FishForMessage(m => m is GetAlerts);
        probe.Tell(new AlertsReply { Rules = { Given.Rule() } }, Collector.Ref);
        Pass(seconds: 60);
        while (Collector.HasMessages)
        {
            Assert.IsType<RecordMetrics>(Collector.ReceiveOne(TimeSpan.Zero));
        }
    }

    [Fact]
    public void A_source_with_the_rules_of_an_earlier_release_as_they_were_gets_the_newest()
    {
        var probe = Start(answerRules: false);
        Collector.FishForMessage(m => m is GetAlerts);
        probe.Tell(new AlertsReply { Rules = { NodeRules.Earlier[1] } }, Collector.Ref);

        Assert.Equal(NodeRules.Default, ((SetRules)Collector.FishForMessage(m => m is SetRules)).Rules);
    }

    [Fact]
    public void Rules_of_an_earlier_release_that_somebody_changed_are_somebodys()
    {
        var changed = new ThresholdRule(NodeRules.Earlier[1][0]) { Threshold = 91 };

        Assert.False(NodeRules.AreOutdated([changed, .. NodeRules.Earlier[1].Skip(1)]));
        Assert.False(NodeRules.AreOutdated(NodeRules.Default));
    }

    [Fact]
    public void A_clock_set_back_does_not_turn_the_samplings_around()
    {
        Start();
        Answer(ExpectLook(at: 0));
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(30));

        var second = Collector.ExpectMsg<RecordMetrics>();

        Assert.Equal(Given.T0.AddMilliseconds(1), second.At.ToDateTimeOffset());
    }

    private TestProbe Collector => field ??= CreateTestProbe();

    private IActorRef _probe = ActorRefs.Nobody;

    private IActorRef Start(bool answerRules = true)
    {
        var options = answerRules ? Options with { DefaultRules = [] } : Options;
        Func<IProbe> probe = () => new CountingProbe();
        _probe = Sys.ActorOf(Props.Create(() => new ProbeActor("node:a", probe, Collector.Ref, options, _clock)));
        // The actor has started, its timers are set; now the first one is due.
        _probe.Ask<ActorIdentity>(new Identify(null), Waiting.Patience).GetAwaiter().GetResult();
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.Zero);
        return _probe;
    }

    private RecordMetrics ExpectLook(int at)
    {
        var sampling = Collector.ExpectMsg<RecordMetrics>();
        Assert.Equal(Given.T0.AddSeconds(at), sampling.At.ToDateTimeOffset());
        return sampling;
    }

    private RecordMetrics NewestLook()
    {
        RecordMetrics? last = null;
        while (Collector.HasMessages)
        {
            last = Collector.ExpectMsg<RecordMetrics>();
        }

        return last!;
    }

    private void Pass(int seconds, int each = 5)
    {
        for (var passed = 0; passed < seconds; passed += each)
        {
            _clock.Advance(TimeSpan.FromSeconds(each));
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(each));
            // What the timers sent is handled before this is answered.
            _probe.Ask<ActorIdentity>(new Identify(null), Waiting.Patience).GetAwaiter().GetResult();
        }
    }

    private void Answer(RecordMetrics sampling) => Reply(sampling, CommandOutcome.Accepted);

    private void Reply(RecordMetrics sampling, CommandOutcome outcome)
    {
        _probe.Tell(new CommandReply { CommandId = sampling.Header.CommandId, Outcome = outcome }, Collector.Ref);
        _probe.Ask<ActorIdentity>(new Identify(null), Waiting.Patience).GetAwaiter().GetResult();
    }

    private sealed class CountingProbe : IProbe
    {
        private int _samplings;

        public void Sample(ICollection<MetricPoint> points) => points.AddValue("samplings", ++_samplings);

        public void Dispose() { }
    }
}
