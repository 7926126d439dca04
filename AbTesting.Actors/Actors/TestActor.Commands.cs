using Akka.Actor;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>Commands that need others first: what an experiment shows must be there, and a clone is another test.</summary>
public sealed partial class TestActor
{
    /// <summary>
    /// What would show models to people is written once they are known to be there. A clone is made by the test that it
    /// becomes; who asked hears it from there.
    /// </summary>
    protected override bool Intercept(ICommand command)
    {
        if (command is CreateTest or EditTest or ScheduleTest or StartTest or PromoteWinner)
        {
            return Check(command, Sender, checkedBefore: null);
        }

        if (command is not CloneTest clone || State.Definition is null)
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
                new CreateTest
                {
                    Header = header,
                    TestId = clone.CloneId,
                    Definition = definition,
                    CopyOf = EntityId,
                },
                Sender
            );
        return true;
    }

    /// <summary>False: nothing has to be found out, or it has been.</summary>
    private bool Check(ICommand command, IActorRef replyTo, ArmsChecked? checkedBefore)
    {
        var arms = ArmsAtStake.Of(State, Consider(command));
        var family = (
            (command as CreateTest)?.Definition ?? (command as EditTest)?.Definition ?? State.Definition
        )?.Family;
        if (arms.IsEmpty || (checkedBefore?.Family == family && arms.SequenceEqual(checkedBefore!.Arms)))
        {
            return false;
        }

        _ = AskedModels
            .FirstBad(_check, family!, arms)
            .PipeTo(
                Self,
                success: bad => new ArmsChecked(command, replyTo, family!, arms, bad, null),
                failure: cause => new ArmsChecked(command, replyTo, family!, arms, null, cause)
            );
        return true;
    }

    private void Conclude(ArmsChecked known)
    {
        if (known.Cause is not null || known.Bad?.Code == RejectionCode.NotAvailable)
        {
            AnswerUnavailable(known.Command, known.ReplyTo);
        }
        else if (known.Bad is { } bad)
        {
            Execute(known.Command, known.ReplyTo, (_, _) => new Decision([], bad));
        }
        else if (!Check(known.Command, known.ReplyTo, known))
        {
            Execute(known.Command, known.ReplyTo);
        }
    }
}
