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
public sealed class CellActor : EntityActor<CellState>, IWithTimers
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>Timers have an end.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    private readonly TimeSpan _coalesce;
    private readonly TimeSpan _matured;
    private readonly IReadOnlyActorRegistry _registry;
    private long _acknowledged;
    private long _nextAt;
    private long _least;
    private bool _underway;
    private bool _isUsed;
    private RunningExperiment? _test;

    public CellActor(string entityId, AbTestingOptions options, IReadOnlyActorRegistry registry, TimeProvider clock)
        : base(RegionNames.AbCell, entityId, options.Cells, clock)
    {
        _coalesce = options.ReportAfter;
        _matured = options.ReportMaturedAfter;
        _registry = registry;
    }

    public ITimerScheduler Timers { get; set; } = null!;

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

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Due:
                Report();
                return true;
            case Grown when !_underway:
                Report();
                return true;
            case Grown:
                return true;
            case Acknowledged { Report: var report }:
                _underway = false;
                _acknowledged = Math.Max(_acknowledged, report.Revision);
                _nextAt = report.NextMaturesAt;
                ReportSoon();
                LeaveWhenDone();
                return true;
            case Behind behind:
                _underway = false;
                _least = behind.MaturedUntil;
                ReportSoon();
                return true;
            case Unanswered:
                _underway = false;
                ReportSoon();
                return true;
            default:
                return false;
        }
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
            Context.Parent.Tell(new Passivate(StopEntity.Instance));
        }
    }

    /// <summary>Changes are gathered for a while; units that only grow older, for longer.</summary>
    private void ReportSoon()
    {
        if (_underway)
        {
            return;
        }

        if (State.Revision > _acknowledged && !Timers.IsTimerActive(nameof(Due)))
        {
            Timers.StartSingleTimer(nameof(Due), Due.Instance, _coalesce);
        }
        else if (_nextAt > 0 && !Timers.IsTimerActive(nameof(Grown)))
        {
            var wait = DateTimeOffset.FromUnixTimeSeconds(_nextAt) - Clock.GetUtcNow();
            wait = wait > _matured ? wait : _matured;
            Timers.StartSingleTimer(nameof(Grown), Grown.Instance, wait < MaxWait ? wait : MaxWait);
        }
    }

    private long Until => Math.Max(_least, Clock.GetUtcNow().ToUnixTimeSeconds());

    protected override IWireMessage Answer(IQuery query) => State.Answer(query, Until);

    private void Report()
    {
        var report = Current();
        _underway = true;
        _ = _registry
            .Get<AbTestRegion>()
            .Ask<CommandReply>(report, Deadline)
            .PipeTo(
                Self,
                success: reply =>
                    reply.Outcome is CommandOutcome.Unavailable ? Unanswered.Instance
                    : reply.Rejection is { Field: Reports.MaturedUntil } r ? new Behind(long.Parse(r.Value))
                    : new Acknowledged(report),
                failure: _ => Unanswered.Instance
            );
    }

    private ReportCell Current()
    {
        var slash = EntityId.LastIndexOf('/');
        var until = State.Layout.HasMaturity ? Until : 0;
        var mature = MatureTotals.Of(State, until);
        return new ReportCell
        {
            Header = new CommandHeader { CommandId = $"cell:{State.Revision}", CorrelationId = PersistenceId },
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

    private sealed record Due
    {
        public static readonly Due Instance = new();
    }

    private sealed record Acknowledged(ReportCell Report);

    /// <summary>Another node's clock was ahead of ours when it reported this cell.</summary>
    private sealed record Behind(long MaturedUntil);

    private sealed record Grown
    {
        public static readonly Grown Instance = new();
    }

    private sealed record Unanswered
    {
        public static readonly Unanswered Instance = new();
    }
}
