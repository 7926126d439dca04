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
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="ExperimentState"/>. Its effects: nodes hear what to assign by, at once when it changes and every few
/// seconds; what would show models to people is checked before it is written; cells are configured and woken, a promotion is
/// kept going, and the family's units are claimed and given back, each by a collaborator of its own.
/// </summary>
public sealed class ExperimentActor : EntityActor<ExperimentState>
{
    private static readonly KeyValuePair<string, object?> ByQuestion = new("by", "question");

    private readonly AbTestingOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly IActorRef _topics = DistributedPubSub.Get(Context.System).Mediator;
    private readonly TrafficShare _traffic;
    private readonly StakeChecks _checks;
    private readonly ExperimentCells _cells;
    private readonly ShadowWatch _shadow;
    private readonly PromotionDriver _promotion;
    private readonly ExperimentQuestions _questions;
    private AssignedUnits? _assigned;
    private string _refusedAdvance = "";
    private bool _advancing;

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
        _traffic = new TrafficShare(entityId, registry, Self);
        _checks = new StakeChecks(check, _traffic, Self);
        _cells = new ExperimentCells(() => State, options, registry, pace, Timers, Self);
        _shadow = new ShadowWatch(_topics, clock, Self);
        _promotion = new PromotionDriver(
            () => State,
            _shadow,
            options.RetryPromotionAfter,
            registry,
            Timers,
            Log,
            Self
        );
        _questions = new ExperimentQuestions(Context.System, PersistenceId, registry, options.AnnounceEvery, Self);
    }

    protected override void OnReady()
    {
        TellParent();
        Timers.Every(nameof(Announce), _options.AnnounceEvery, Announce, first: TimeSpan.Zero);
        _cells.Configure();
        _promotion.GoOn();
        _traffic.TakeUp(State);
        Measure();
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
        RalmMetrics.SplitBroken.Remove(EntityId);
        Cluster.Get(Context.System).Unsubscribe(Self);
        base.PostStop();
    }

    protected override void OnChanged(ExperimentState before, ImmutableArray<IEvent> events)
    {
        Measure();
        if (State.Revision != before.Revision)
        {
            Publish();
        }

        if (!Equals(State.Promotion, before.Promotion) || State.Steps != before.Steps)
        {
            _promotion.GoOn();
        }

        if (State.Stage != before.Stage)
        {
            TellParent();
        }

        if (UnitsAtStake.Needs(before) && !UnitsAtStake.Needs(State))
        {
            _traffic.GiveBack();
            _traffic.Tell(State);
        }

        if (
            State.IsCollecting
            && (!before.IsCollecting || !State.Definition!.Metrics.Equals(before.Definition!.Metrics))
        )
        {
            _cells.Configure();
        }
    }

    protected override bool IsBusy => _checks.AreUnderWay;

    /// <summary>
    /// What would show models to people is written once they are known to be there and the units are the test's. A clone is
    /// made by the test that it becomes; who asked hears it from there.
    /// </summary>
    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case CreateExperiment or EditExperiment or ScheduleExperiment or StartExperiment or PromoteWinner:
                return Check(command, Sender, Found.Nothing);
            case CloneExperiment clone when State.Definition is not null:
                _registry.Get<AbTestRegion>().Tell(ExperimentClone.Creation(State, clone), Sender);
                return true;
            default:
                return false;
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case StakeChecked known:
                Conclude(known);
                return true;
            case TrafficShare.Told told:
                _traffic.Hear(told, State);
                return true;
            case ExperimentCells.Ready ready:
                _cells.Hear(ready);
                return true;
            case ClusterEvent.MemberRemoved gone when gone.Member.HasRole(Roles.AbTest):
                _cells.WakeAgain();
                return true;
            case ClusterEvent.MemberRemoved:
                return true;
            case PromotionDriver.Answered answered:
                Tell(_promotion.Hear(answered));
                return true;
            case ShadowReport report:
                Tell(_promotion.Hear(report));
                return true;
            case SubscribeAck or UnsubscribeAck:
                return true;
            default:
                return false;
        }
    }

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
                _questions.Verdict(State, asked, to);
                break;
            case GetReport asked:
                _questions.Report(State, asked, to);
                break;
            case AssignUnit asked when PromotionSteps.At(State) == PromotionStep.Rollout:
                _questions.Rollout(asked, Assign(asked), to);
                break;
            case GetExperiment asked when SharedSalt.MayBe(State) && _registry.TryGet<CatalogueKey>(out var catalogue):
                _questions.Warnings(State, (ExperimentReply)Answer(asked), catalogue, to);
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
            case ExperimentReply { Promotion.Step: PromotionStep.Shadow } experiment:
                experiment.Promotion.Shadow = _shadow.Seen;
                break;
            case ExperimentReply experiment when State.IsCollecting:
                experiment.HeldBack = VerdictRule.HeldBack(State, experiment.Current.Finding, Clock.GetUtcNow());
                break;
            case ClaimCheckReply claim:
                claim.Needed |= _traffic.IsClaiming;
                break;
        }

        return answer;
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

        RalmMetrics.Assignments.Add(1, ByQuestion);
        return _assigned.For(asked.Unit, asked.User);
    }

    /// <summary>False: nothing has to be found out, or it has been.</summary>
    private bool Check(ICommand command, IActorRef replyTo, Found found) =>
        _checks.Begin(State, Consider(command), command, replyTo, found);

    private void Conclude(StakeChecked known)
    {
        _checks.End(known);
        var (command, replyTo, found) = (known.Command, known.ReplyTo, known.Found);
        if (known.Cause is not null || known.Bad?.Code == RejectionCode.NotAvailable)
        {
            AnswerUnavailable(command, replyTo);
        }
        else if (known.Bad is { } bad)
        {
            TellOfRefusedSchedule(command, bad);
            Execute(command, replyTo, (_, _) => Decision.Refuse(bad));
        }
        else if (Check(command, replyTo, found))
        {
            return;
        }
        else if (found.Given is { } given && UnitsAtStake.Of(State, Consider(command)) is not null)
        {
            Execute(command, replyTo, (experiment, now) => UnitsAtStake.Given(experiment.Decide(command, now), given));
        }
        else
        {
            Execute(command, replyTo);
            if (found.Given is not null && !UnitsAtStake.Needs(State))
            {
                _traffic.GiveBack();
            }
        }

        _advancing &= command is not AdvanceExperiment;
    }

    private void Measure()
    {
        if (State.IsCollecting)
        {
            RalmMetrics.SplitBroken.Set(EntityId, State.IsSplitBroken(State.Phase) ? 1 : 0);
        }
        else
        {
            RalmMetrics.SplitBroken.Remove(EntityId);
        }
    }

    private void Announce()
    {
        Publish();
        _cells.WakeMatured(Clock.GetUtcNow());
        _cells.Configure();
        Advance();
        _traffic.Tell(State);
    }

    private void Publish()
    {
        if (State.Running is { } running)
        {
            _topics.Tell(new Publish(Topics.RunningExperiments, running));
        }
    }

    private void Advance()
    {
        if (!State.IsWaitingForTime || _advancing)
        {
            return;
        }

        var advance = new AdvanceExperiment
        {
            Header = new CommandHeader { CommandId = "advance", CorrelationId = PersistenceId },
            ExperimentId = EntityId,
        };
        _advancing = State.Stage == ExperimentStatus.Scheduled && Check(advance, ActorRefs.Nobody, Found.Nothing);
        if (!_advancing)
        {
            Execute(advance, ActorRefs.Nobody);
        }
    }

    /// <summary>Nobody waits for the answer: it is tried again with the next tick, and said when the reason is another.</summary>
    private void TellOfRefusedSchedule(ICommand command, Rejection bad)
    {
        if (command is AdvanceExperiment && bad.Rule != _refusedAdvance)
        {
            _refusedAdvance = bad.Rule;
            Log.Warning("{0} cannot start as scheduled: {1} {2} {3}", PersistenceId, bad.Field, bad.Value, bad.Rule);
        }
    }

    /// <summary>What a promotion has to say to its own test.</summary>
    private void Tell(ICommand? command)
    {
        if (command is not null)
        {
            Execute(command, ActorRefs.Nobody);
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
                _registry.Get<AbTestRegion>().Tell(PromotionCommands.OfRollout(State.RolloutOf, evidence));
            }
        }
    }
}
