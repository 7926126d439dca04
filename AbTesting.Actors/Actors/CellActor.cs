using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="CellState"/>. Its effect: the test hears the whole statistics soon after they change, again
/// and again until it acknowledges that revision. A restart reports anew, and the revision makes that harmless; a cell
/// that was woken for nothing else leaves memory again.
/// </summary>
public sealed class CellActor : EntityActor<CellState>, IWithTimers
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _coalesce;
    private readonly IReadOnlyActorRegistry _registry;
    private long _acknowledged;
    private bool _underway;
    private bool _isUsed;

    public CellActor(string entityId, AbTestingOptions options, IReadOnlyActorRegistry registry, TimeProvider clock)
        : base(ShardNames.AbCell, entityId, options.Cells, clock)
    {
        _coalesce = options.ReportAfter;
        _registry = registry;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReady() => ReportSoon();

    protected override void OnChanged(CellState before, ImmutableArray<IEvent> events)
    {
        _isUsed = true;
        ReportSoon();
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Due:
                Report();
                return true;
            case Acknowledged acknowledged:
                _underway = false;
                _acknowledged = Math.Max(_acknowledged, acknowledged.Revision);
                ReportSoon();
                LeaveWhenDone();
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

    private void ReportSoon()
    {
        if (State.Revision > _acknowledged && !_underway && !Timers.IsTimerActive(nameof(Due)))
        {
            Timers.StartSingleTimer(nameof(Due), Due.Instance, _coalesce);
        }
    }

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
                    reply.Outcome is CommandOutcome.Unavailable
                        ? Unanswered.Instance
                        : new Acknowledged(report.Revision),
                failure: _ => Unanswered.Instance
            );
    }

    private ReportCell Current()
    {
        var slash = EntityId.LastIndexOf('/');
        return new ReportCell
        {
            Header = new CommandHeader { CommandId = $"cell:{State.Revision}", CorrelationId = PersistenceId },
            TestId = EntityId[..slash],
            Cell = int.Parse(EntityId.AsSpan(slash + 1)),
            Revision = State.Revision,
            Arms = { State.Statistics },
            Segments = { State.Totals.SegmentStatistics },
        };
    }

    private sealed record Due
    {
        public static readonly Due Instance = new();
    }

    private sealed record Acknowledged(long Revision);

    private sealed record Unanswered
    {
        public static readonly Unanswered Instance = new();
    }
}
