using Akka.Actor;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// Finds out, before a decision is written, that what it would show to people is there and that the units are the test's. The
/// test may be another when the answers have come: then it is asked anew.
/// </summary>
/// <param name="self">Hears <see cref="StakeChecked"/>.</param>
internal sealed class StakeChecks(ArmCheck check, TrafficShare traffic, IActorRef self)
{
    private int _underWay;

    public bool AreUnderWay => _underWay > 0;

    /// <summary>False: nothing has to be found out, or it has been.</summary>
    /// <param name="decision">What the test would say now.</param>
    /// <param name="found">For this command before.</param>
    public bool Begin(ExperimentState experiment, Decision decision, ICommand command, IActorRef replyTo, Found found)
    {
        var family = FamilyOf(command, experiment);
        var arms = ArmsAtStake.Of(experiment, decision);
        if (!arms.IsEmpty && !found.Covers(family!, arms))
        {
            _underWay++;
            var shown = new Found(family!, arms, null, null);
            _ = AskedModels
                .FirstBad(check, family!, arms)
                .PipeTo(
                    self,
                    success: bad => new StakeChecked(command, replyTo, shown, bad, null),
                    failure: cause => new StakeChecked(command, replyTo, shown, null, cause)
                );
            return true;
        }

        if (UnitsAtStake.Of(experiment, decision) is not { } units || found.Covers(family!, units))
        {
            return false;
        }

        _underWay++;
        var asked = new Found(family!, found.Arms, traffic.Ticketed(units), null);
        _ = traffic
            .Claim(family!, asked.Units!)
            .PipeTo(
                self,
                success: answer =>
                    answer switch
                    {
                        Answer<ClaimReply>.Given given => new StakeChecked(
                            command,
                            replyTo,
                            asked with
                            {
                                Given = given.Reply,
                            },
                            null,
                            null
                        ),
                        Answer<ClaimReply>.Refused bad => new StakeChecked(
                            command,
                            replyTo,
                            asked,
                            bad.Rejection,
                            null
                        ),
                        _ => new StakeChecked(command, replyTo, asked, null, new UnansweredException($"{answer}")),
                    }
            );
        return true;
    }

    /// <summary>The answer has come.</summary>
    public void End(StakeChecked known)
    {
        _underWay--;
        if (known.Found.Units is { } units)
        {
            traffic.Answered(units, isGiven: known.Found.Given is not null);
        }
    }

    private static string? FamilyOf(ICommand command, ExperimentState experiment) =>
        command switch
        {
            CreateExperiment { Definition: { } created } => created.Family,
            EditExperiment { Definition: { } edited } => edited.Family,
            _ => experiment.Definition?.Family,
        };
}

/// <param name="Found">With the units asked for; given ones with the answer.</param>
/// <param name="Bad">Why the command is refused.</param>
/// <param name="Cause">Why it is not known.</param>
internal sealed record StakeChecked(ICommand Command, IActorRef ReplyTo, Found Found, Rejection? Bad, Exception? Cause)
    : INoSerializationVerificationNeeded;

/// <summary>What has been found out for a command: it may be edited, or the test may be, meanwhile.</summary>
/// <param name="Units">That the test has been given, with the ticket; null: none were asked for.</param>
internal sealed record Found(string Family, IReadOnlyList<ArmAtStake> Arms, TrafficClaim? Units, ClaimReply? Given)
{
    public static readonly Found Nothing = new("", [], null, null);

    public bool Covers(string family, IReadOnlyList<ArmAtStake> arms) => Family == family && arms.SequenceEqual(Arms);

    public bool Covers(string family, TrafficClaim units)
    {
        if (Family != family || Units is null)
        {
            return false;
        }

        var ticketed = units.Clone();
        ticketed.RegistrationId = Units.RegistrationId;
        return ticketed.Equals(Units);
    }
}
