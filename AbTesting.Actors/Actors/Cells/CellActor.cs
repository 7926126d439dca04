using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="CellState"/>. Its effect: the test hears the whole statistics soon after they change, again
/// and again until it acknowledges that revision. A restart reports anew, and the revision makes that harmless; a cell
/// that was woken for nothing else leaves memory again.
/// </summary>
public sealed class CellActor : EntityActor<CellState>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>Timers have an end.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    /// <summary>Nothing has come in, but units have grown older.</summary>
    private const string Grown = "grown";

    private readonly TimeSpan _coalesce;
    private readonly TimeSpan _matured;
    private readonly IReadOnlyActorRegistry _registry;
    private long _acknowledged;
    private long _nextAt;
    private long _least;
    private ReportCell? _sent;
    private bool _isUsed;
    private RunningExperiment? _test;

    public CellActor(string entityId, AbTestingOptions options, IReadOnlyActorRegistry registry, TimeProvider clock)
        : base(RegionNames.AbCell, entityId, options.Cells, clock)
    {
        _coalesce = options.ReportAfter;
        _matured = options.ReportMaturedAfter;
        _registry = registry;
    }

    protected override void OnReady() => ReportSoon();

    protected override void OnChanged(CellState before, ImmutableArray<IEvent> events)
    {
        _isUsed = true;
        ReportSoon();
    }

    /// <summary>What one node has heard of the test counts for what the others send as well.</summary>
    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case RecordExposure { Test: not null } exposure:
                exposure.Test = _test = Newest(exposure.Test);
                break;
            case RecordOutcome { Test: not null } outcome:
                outcome.Test = _test = Newest(outcome.Test);
                break;
        }

        return false;
    }

    private RunningExperiment Newest(RunningExperiment heard) => _test?.Revision > heard.Revision ? _test : heard;

    protected override RetryPauses Pauses => RetryPauses.From(Deadline);

    protected override ICanTell? Way(Type region) => OutboxSender.WayTo(_registry, region);

    protected override void OnSettled(Settlement settled)
    {
        Outbox.End(settled.Key);
        if (settled.Refused is { Field: Reports.MaturedUntil } ahead)
        {
            // Another node's clock was ahead of ours when it reported this cell.
            _least = long.Parse(ahead.Value);
            ReportSoon();
            return;
        }

        _acknowledged = Math.Max(_acknowledged, _sent!.Revision);
        _nextAt = _sent.NextMaturesAt;
        ReportSoon();
        LeaveWhenDone();
    }

    protected override void PostStop()
    {
        if (State.Revision > _acknowledged && _registry.TryGet<AbTestRegion>(out var tests))
        {
            tests.Tell(Current(), ActorRefs.NoSender);
        }

        base.PostStop();
    }

    /// <summary>One that was only woken to report has nothing more to do: the next unit brings it back.</summary>
    private void LeaveWhenDone()
    {
        if (!_isUsed && State.Revision == _acknowledged)
        {
            LeaveMemory();
        }
    }

    /// <summary>Changes are gathered for a while; units that only grow older, for longer.</summary>
    private void ReportSoon()
    {
        if (State.Revision > _acknowledged)
        {
            Report(_coalesce);
        }
        else if (_nextAt > 0 && !Timers.IsTimerActive(Grown))
        {
            var wait = DateTimeOffset.FromUnixTimeSeconds(_nextAt) - Clock.GetUtcNow();
            wait = wait > _matured ? wait : _matured;
            Timers.After(Grown, wait < MaxWait ? wait : MaxWait, () => Report(TimeSpan.Zero));
        }
    }

    private long Until => Math.Max(_least, Clock.GetUtcNow().ToUnixTimeSeconds());

    protected override IWireMessage Answer(IQuery query) => State.Answer(query, Until);

    /// <summary>
    /// One at a time: what comes in meanwhile is in the next. What is reported is the last state of all, not what the journal
    /// owes one by one.
    /// </summary>
    private void Report(TimeSpan wait) =>
        Outbox.Begin(new OutgoingCommand(nameof(Report), typeof(AbTestRegion), () => _sent = Current(), wait));

    private ReportCell Current()
    {
        var slash = EntityId.LastIndexOf('/');
        var until = State.Layout.HasMaturity ? Until : 0;
        var mature = MatureTotals.Of(State, until);
        return new ReportCell
        {
            Header = new CommandHeader { CommandId = $"cell:{State.Revision}:{until}", CorrelationId = PersistenceId },
            ExperimentId = EntityId[..slash],
            Cell = int.Parse(EntityId.AsSpan(slash + 1)),
            Revision = State.Revision,
            Arms = { mature.Statistics },
            Segments = { mature.Totals.SegmentStatistics },
            CrossedUnits = State.Crossed,
            UntimelyOutcomes = State.Untimely,
            WaitingOutcomes = State.Waiting,
            MaturedUntil = until,
            NextMaturesAt = mature.NextAt,
        };
    }
}
