using Akka.Actor;
using Akka.Event;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>Commands that need others first: what an experiment shows must be there, and a clone is another test.</summary>
public sealed partial class ExperimentActor
{
    private int _checking;

    /// <summary>
    /// What would show models to people is written once they are known to be there and the units are the test's. A clone is made by the test that it
    /// becomes; who asked hears it from there.
    /// </summary>
    protected override bool Intercept(ICommand command)
    {
        if (command is CreateExperiment or EditExperiment or ScheduleExperiment or StartExperiment or PromoteWinner)
        {
            return Check(command, Sender, Found.Nothing);
        }

        if (command is not CloneExperiment clone || State.Definition is null)
        {
            return false;
        }

        var definition = DefinitionRules.Copy(State.Definition);
        definition.Salt = "";
        // The definition may be another when the command is repeated.
        var header = clone.Header?.Clone() ?? new CommandHeader();
        header.AsSent ??= CommandDigest.Of(clone);
        _registry
            .Get<AbTestRegion>()
            .Tell(
                new CreateExperiment
                {
                    Header = header,
                    ExperimentId = clone.CloneId,
                    Definition = definition,
                    CopyOf = EntityId,
                },
                Sender
            );
        return true;
    }

    protected override bool IsBusy => _checking > 0;

    /// <summary>False: nothing has to be found out, or it has been.</summary>
    private bool Check(ICommand command, IActorRef replyTo, Found found)
    {
        var decision = Consider(command);
        var family = (
            (command as CreateExperiment)?.Definition ?? (command as EditExperiment)?.Definition ?? State.Definition
        )?.Family;
        var arms = ArmsAtStake.Of(State, decision);
        if (!arms.IsEmpty && !found.Covers(family!, arms))
        {
            _checking++;
            _ = AskedModels
                .FirstBad(_check, family!, arms)
                .PipeTo(
                    Self,
                    success: bad => new ArmsChecked(command, replyTo, family!, arms, bad, null),
                    failure: cause => new ArmsChecked(command, replyTo, family!, arms, null, cause)
                );
            return true;
        }

        var units = UnitsAtStake.Of(State, decision);
        if (units is not null && !found.Covers(family!, units))
        {
            _checking++;
            Claim(command, replyTo, family!, units, found);
            return true;
        }

        return false;
    }

    private void Conclude(ArmsChecked known) =>
        Conclude(known.Command, known.ReplyTo, known.Bad, known.Cause, new Found(known.Family, known.Arms, null, null));

    private void Conclude(ICommand command, IActorRef replyTo, Rejection? bad, Exception? cause, Found found)
    {
        _checking--;
        if (cause is not null || bad?.Code == RejectionCode.NotAvailable)
        {
            AnswerUnavailable(command, replyTo);
        }
        else if (bad is not null)
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
            Execute(command, replyTo, (test, now) => UnitsAtStake.Given(test.Decide(command, now), given));
        }
        else
        {
            Execute(command, replyTo);
            // Given for nothing.
            _tellsTraffic |= found.Given is not null && !UnitsAtStake.Needs(State);
        }

        _advancing &= command is not AdvanceExperiment;
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
}
