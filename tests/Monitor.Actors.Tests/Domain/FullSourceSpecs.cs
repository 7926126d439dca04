using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Series;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

public class FullSourceSpecs
{
    private readonly EntityCore<CollectorState> _collector = new(Source);
    private DateTimeOffset _now = T0;
    private int _nr;

    [Fact]
    public void A_full_source_takes_what_it_knows_and_says_what_it_passed_over()
    {
        Fill();

        var command = Sampling("mixed", _now, ("new_a", 1), ("m0", 2), ("new_b", 3));
        var decision = When(command);

        Assert.Equal([2.0], Assert.IsType<MetricsRecorded>(Assert.Single(decision.Events)).Values);
        var reply = (CommandReply)_collector.Answer(decision, command.Header);
        Assert.Equal(
            (CommandOutcome.Accepted, "new_a new_b"),
            (reply.Outcome, string.Join(' ', reply.PassedOver.Names))
        );
        Assert.Equal(CommandOutcome.Duplicate, ((CommandReply)_collector.Decide(command, _now).Reply!).Outcome);
    }

    [Fact]
    public void Names_unused_for_as_long_as_points_are_kept_give_back_their_places_and_leave_no_points_behind()
    {
        Fill();
        _now = T0.AddMilliseconds(SeriesStore.RetentionMs).AddHours(1);
        When(Sampling("known", _now, ("m0", 7)));
        _now += TimeSpan.FromSeconds(30);

        var decision = When(Sampling("new", _now, ("new_a", 1), ("m0", 8), ("new_b", 2)));

        Assert.Empty(decision.PassedOver);
        Assert.Equal([1.0], Values("new_a"));
        Assert.Equal([2.0], Values("new_b"));
        Assert.Equal([0.0, 7, 8], Values("m0"));
        Assert.Equal(CollectorState.MaxMetrics, _collector.State.Series.Metrics.Length);
        // A snapshot and what follows know it too.
        var restored = CollectorState.FromSnapshot(Source, _collector.State.ToSnapshot());
        Assert.Equal(_collector.State.ToSnapshot(), restored.ToSnapshot());
        Assert.Equal([1.0], restored.Series.Points("new_a", long.MinValue, long.MaxValue).Select(p => p.Value));
    }

    [Fact]
    public void A_sampling_from_ahead_is_one_of_now_and_the_true_ones_follow()
    {
        When(Sampling("ahead", T0.AddSeconds(59), ("m", 1)));
        _now = T0.AddSeconds(1);

        Assert.Null(When(Sampling("true", _now, ("m", 2))).Rejection);
        Assert.Equal("at", When(Sampling("too-far", _now.AddSeconds(61), ("m", 3))).Rejection!.Field);
        Assert.Equal([1.0, 2.0], Values("m"));
    }

    [Fact]
    public void A_snapshot_of_the_earlier_form_is_read()
    {
        var old = new CollectorSnapshot
        {
            Metrics = { "cpu" },
            Latest = { 95 },
            Open = ChunkCodec.Seal([new Sampling(T0.ToUnixTimeMilliseconds(), [95])]),
            Rules = { Rule(forSeconds: 0) },
            Alerts =
            {
                new Alert { RuleId = "cpu-high", Status = AlertStatus.Firing },
            },
        };

        var state = CollectorState.FromSnapshot(Source, old);

        Assert.Equal(T0.ToUnixTimeMilliseconds(), state.Series.LatestUnixMs);
        // Nobody was told of what fired then.
        var next = state.Decide(Sampling("n", T0.AddSeconds(30), ("cpu", 96)), T0.AddSeconds(30));
        Assert.Equal(1, Assert.Single(next.Events.OfType<AlertChanged>()).Notice.NoticeNr);
    }

    private void Fill()
    {
        for (var i = 0; i < CollectorState.MaxMetrics; i += CollectorState.MaxPoints)
        {
            When(
                Sampling(
                    $"fill-{i}",
                    _now,
                    [.. Enumerable.Range(i, CollectorState.MaxPoints).Select(n => ($"m{n}", 0.0))]
                )
            );
            _now += TimeSpan.FromSeconds(1);
        }
    }

    private double[] Values(string metric) =>
        [.. _collector.State.Series.Points(metric, long.MinValue, long.MaxValue).Select(p => p.Value)];

    private Decision When(ICommand command)
    {
        var decision = _collector.Decide(command, _now);
        foreach (var e in decision.Events)
        {
            _collector.Apply(e);
        }

        _nr++;
        return decision;
    }
}
