using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="ExperimentState"/>. Its effects: nodes hear what to assign by, at once when it changes and every few
/// seconds; cells are woken after a restart and when a node has gone, at a pace, so that what they counted is reported; a promotion goes on until the
/// registry has it.
/// </summary>
public sealed partial class ExperimentActor : EntityActor<ExperimentState>
{
    private readonly AbTestingOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly IActorRef _topics = DistributedPubSub.Get(Context.System).Mediator;
    private AssignedUnits? _assigned;
    private readonly ShadowSums _shadow = new();
    private bool _promoting;
    private readonly CellConfiguration _cells = new();
    private readonly WakingPace _pace;
    private readonly ArmCheck _check;

    public ExperimentActor(
        string entityId,
        AbTestingOptions options,
        IReadOnlyActorRegistry registry,
        WakingPace pace,
        TimeProvider clock,
        ArmCheck check
    )
        : base(RegionNames.AbTest, entityId, options.Tests, clock)
    {
        _options = options;
        _registry = registry;
        _pace = pace;
        _check = check;
    }

    protected override void OnReady()
    {
        FollowShadow();
        TellParent();
        Timers.Every(nameof(Announce), _options.AnnounceEvery, Announce, first: TimeSpan.Zero);
        ConfigureCells();
        GoOnPromoting();
        TakeUpTraffic();
        Cluster
            .Get(Context.System)
            .Subscribe(
                Self,
                ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
                typeof(ClusterEvent.MemberRemoved)
            );
    }

    protected override void PostStop()
    {
        Cluster.Get(Context.System).Unsubscribe(Self);
        base.PostStop();
    }

    protected override void OnChanged(ExperimentState before, ImmutableArray<IEvent> events)
    {
        if (State.Revision != before.Revision)
        {
            Publish();
        }

        if (!Equals(State.Promotion, before.Promotion) || State.Steps != before.Steps)
        {
            FollowShadow();
            GoOnPromoting();
        }

        if (State.Stage != before.Stage)
        {
            TellParent();
        }

        if (UnitsAtStake.Needs(before) && !UnitsAtStake.Needs(State))
        {
            _tellsTraffic = true;
            TellTraffic();
        }

        if (
            State.IsCollecting
            && (!before.IsCollecting || !State.Definition!.Metrics.Equals(before.Definition!.Metrics))
        )
        {
            ConfigureCells();
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case CellReady { Cell: >= 0 } ready:
                _cells.Confirm(ready.Cell, ready.Metrics);
                WakeSoon();
                return true;
            case CellReady:
                return true;
            case ArmsChecked known:
                Conclude(known);
                return true;
            case UnitsAsked known:
                Conclude(known);
                return true;
            case TrafficTold told:
                Hear(told);
                return true;
            case ClusterEvent.MemberRemoved gone when gone.Member.HasRole(Roles.AbTest):
                _cells.WakeAgain();
                ConfigureCells();
                return true;
            case ClusterEvent.MemberRemoved:
                return true;
            case Promotion.Done done:
                _promoting = false;
                Timers.After(nameof(GoOnPromoting), _options.RetryPromotionAfter, GoOnPromoting);
                Execute(WithShadow(done.Then), ActorRefs.Nobody);
                return true;
            case ShadowReport report:
                Compare(report);
                return true;
            case SubscribeAck or UnsubscribeAck:
                return true;
            case Promotion.Failed failed:
                Log.Warning(failed.Cause, "{0}: the promotion will be tried again", PersistenceId);
                _promoting = false;
                Timers.After(nameof(GoOnPromoting), _options.RetryPromotionAfter, GoOnPromoting);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What is past is read from the journal, beside the entity: it goes on meanwhile.</summary>
    protected override void Reply(IQuery query, IActorRef to)
    {
        if (State.Definition is null)
        {
            // Nobody created it: it was only asked for, and is not to be remembered.
            base.Reply(query, to);
            if (!IsBusy)
            {
                LeaveMemory();
            }

            return;
        }

        switch (query)
        {
            case GetVerdict asked when asked.SequenceNr > 0 && asked.SequenceNr < State.SequenceNr:
                _ = ExperimentReplay
                    .Of(Context.System, PersistenceId, EntityId, asked.SequenceNr)
                    .PipeTo(
                        to,
                        Self,
                        success: then => then.Answer(asked),
                        failure: cause => new VerdictReply
                        {
                            ExperimentId = EntityId,
                            Rejection = ExperimentReplay.Unread(cause),
                        }
                    );
                break;
            case GetReport { Points: 0 or (>= 2 and <= 1000) } asked when State.Definition is not null:
                _ = ExperimentReplay
                    .Story(Context.System, State, PersistenceId, asked.Points == 0 ? 200 : asked.Points)
                    .PipeTo(to, Self, failure: cause => new ReportReply { Rejection = ExperimentReplay.Unread(cause) });
                break;
            case GetReport asked when State.Definition is not null:
                to.Tell(
                    new ReportReply { Rejection = Rejections.Invalid("points", asked.Points, "must be 2 to 1,000") }
                );
                break;
            case AssignUnit asked when PromotionSteps.At(State) == PromotionStep.Rollout:
                AskRollout(asked, to);
                break;
            case GetExperiment asked when SharedSalt.MayBe(State) && _registry.TryGet<CatalogueKey>(out var catalogue):
                AnswerWithWarnings((ExperimentReply)Answer(asked), catalogue, to);
                break;
            default:
                base.Reply(query, to);
                break;
        }
    }

    protected override IWireMessage Answer(IQuery query)
    {
        var answer = query is AssignUnit asked && State.Running is not null ? Assign(asked) : base.Answer(query);
        switch (answer)
        {
            case ExperimentReply { Promotion.Step: PromotionStep.Shadow } test:
                test.Promotion.Shadow = _shadow.Sum;
                break;
            case ExperimentReply test when State.IsCollecting:
                test.HeldBack = VerdictRule.HeldBack(State, test.Current.Finding, Clock.GetUtcNow());
                break;
            case ClaimCheckReply claim:
                claim.Needed |= _claiming.Count > 0;
                break;
        }

        return answer;
    }

    /// <summary>Who names this test takes part in its rollout; nobody does before that one is there.</summary>
    private void AskRollout(AssignUnit asked, IActorRef to)
    {
        var (here, there) = (Assign(asked), asked.Clone());
        there.ExperimentId = Rollouts.IdOf(EntityId);
        _ = _registry
            .Get<AbTestRegion>()
            .AskFor<AssignUnitReply>(there, _options.AnnounceEvery)
            .PipeTo(to, Self, success: answer => answer is Answer<AssignUnitReply>.Given given ? given.Reply : here);
    }

    private AssignUnitReply Assign(AssignUnit asked)
    {
        if (Ids.Check("unit", asked.Unit) is { } rejection)
        {
            return new AssignUnitReply { ExperimentId = EntityId, Rejection = rejection };
        }

        if (_assigned?.Revision != State.Revision)
        {
            _assigned = new AssignedUnits(State.Running!);
        }

        return _assigned.For(asked.Unit, asked.User);
    }

    private void Announce()
    {
        Publish();
        _cells.WakeMatured(State, Clock.GetUtcNow(), 2 * _options.ReportMaturedAfter);
        ConfigureCells();
        Advance();
        TellTraffic();
    }

    private void Publish()
    {
        if (State.Running is { } running)
        {
            _topics.Tell(new Publish(Topics.RunningExperiments, running));
        }
    }

    private void GoOnPromoting()
    {
        if (!State.IsPromoting || _promoting)
        {
            return;
        }

        _promoting = true;
        _ = Promotion
            .Run(State, _registry)
            .PipeTo(Self, success: then => new Promotion.Done(then), failure: cause => new Promotion.Failed(cause));
    }

    /// <summary>Scorers say again and again what they have seen: nothing is lost by hearing it from now on only.</summary>
    private void FollowShadow()
    {
        var follows = PromotionSteps.At(State) == PromotionStep.Shadow;
        if (follows != _shadow.Follows)
        {
            _shadow.Restart(follows, Clock.GetUtcNow());
            _topics.Tell(follows ? new Subscribe(Topics.Shadows, Self) : new Unsubscribe(Topics.Shadows, Self));
        }
    }

    /// <summary>Where nobody asks the champion nothing comes: it is judged each time the step is looked at as well.</summary>
    private ICommand WithShadow(ICommand then)
    {
        if (then is TakePromotionStep { Step: PromotionStep.Shadow } step)
        {
            (step.Shadow, step.Settled) = (_shadow.Sum, _shadow.IsSettled(Clock.GetUtcNow()));
        }

        return then;
    }

    private void Compare(ShadowReport report)
    {
        var isOurs =
            _shadow.Follows
            && report.Family == State.Definition!.Family
            && report.VersionId == State.Promotion!.VersionId
            && report.ChampionVersionId == PromotionSteps.ChampionOf(State);
        if (isOurs)
        {
            _shadow.Hear(report);
            Execute(WithShadow(Promotion.Step(State, new TakePromotionStep())), ActorRefs.Nobody);
        }
    }

    /// <summary>The parent also asks; this is for promptness.</summary>
    private void TellParent()
    {
        if (
            State.RolloutOf.Length > 0
            && State.Answer(new GetExperiment { ExperimentId = EntityId }) is ExperimentReply rollout
        )
        {
            var evidence = Rollout.EvidenceOf(rollout);
            if (evidence.Ended)
            {
                _registry.Get<AbTestRegion>().Tell(Promotion.OfRollout(State.RolloutOf, evidence));
            }
        }
    }
}
