using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="TestState"/>. Its effects: nodes hear what to assign by, at once when it changes and every few
/// seconds; cells are woken after a restart, so that what they counted is reported; a promotion goes on until the
/// registry has it.
/// </summary>
public sealed class TestActor : EntityActor<TestState>, IWithTimers
{
    private readonly AbTestingOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly IActorRef _topics = DistributedPubSub.Get(Context.System).Mediator;
    private bool _promoting;

    public TestActor(string entityId, AbTestingOptions options, IReadOnlyActorRegistry registry, TimeProvider clock)
        : base(ShardNames.AbTest, entityId, options.Tests, clock)
    {
        _options = options;
        _registry = registry;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReady()
    {
        Timers.StartPeriodicTimer(nameof(Announce), Announce.Instance, TimeSpan.Zero, _options.AnnounceEvery);
        WakeCells();
        GoOnPromoting();
    }

    protected override void OnChanged(TestState before, ImmutableArray<IEvent> events)
    {
        if (State.Revision != before.Revision)
        {
            Publish();
        }

        if (State.Promotion is not null && before.Promotion is null)
        {
            GoOnPromoting();
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Announce:
                Publish();
                return true;
            case Promotion.Done:
                Execute(Promotion.Completion(State), ActorRefs.Nobody);
                return true;
            case Promotion.Failed failed:
                Log.Warning(failed.Cause, "{0}: the promotion will be tried again", PersistenceId);
                _promoting = false;
                Timers.StartSingleTimer(nameof(Promotion), Promotion.Again.Instance, _options.RetryPromotionAfter);
                return true;
            case Promotion.Again:
                GoOnPromoting();
                return true;
            default:
                return false;
        }
    }

    private void Publish()
    {
        if (State.Running is { } running)
        {
            _topics.Tell(new Publish(Topics.RunningTests, running));
        }
    }

    private void WakeCells()
    {
        if (State.Stage is not (TestPhase.Running or TestPhase.Paused))
        {
            return;
        }

        var region = _registry.Get<AbCellRegion>();
        for (var cell = 0; cell < State.Definition!.Cells; cell++)
        {
            region.Tell(new GetCell { TestId = EntityId, Cell = cell }, ActorRefs.Nobody);
        }
    }

    private void GoOnPromoting()
    {
        if (State.Promotion is null || State.Stage != TestPhase.Decided || _promoting)
        {
            return;
        }

        _promoting = true;
        _ = Promotion
            .Run(State, _registry)
            .PipeTo(Self, success: () => Promotion.Done.Instance, failure: cause => new Promotion.Failed(cause));
    }

    private sealed record Announce
    {
        public static readonly Announce Instance = new();
    }
}
