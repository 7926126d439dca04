using Akka.Actor;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// A test's side of the sharing out of its family's units: it asks before it writes that it is scheduled or has begun, and
/// gives back when it is over. What it was given and did not write, because it was lost in between or was refused after all,
/// the family finds by asking: the test says that it needs it only while it asks for it, or has written it.
/// </summary>
public sealed partial class ExperimentActor
{
    private static readonly TimeSpan ClaimPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CataloguePatience = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _claiming = new(StringComparer.Ordinal);
    private string _ticket = "";
    private string _refusedAdvance = "";
    private bool _advancing;
    private bool _tellsTraffic;
    private bool _tellingTraffic;

    private void Claim(ICommand command, IActorRef replyTo, string family, TrafficClaim units, Found found)
    {
        var claim = units.Clone();
        claim.RegistrationId = NewTicket();
        _claiming.Add(claim.RegistrationId);
        var asked = new Found(family, found.Arms, claim, null);
        _ = _registry
            .Get<AbTrafficRegion>()
            .AskFor<ClaimReply>(
                new ClaimTraffic
                {
                    Header = Header(claim.RegistrationId),
                    Family = family,
                    Claim = claim,
                },
                ClaimPatience
            )
            .PipeTo(
                Self,
                success: reply =>
                    reply switch
                    {
                        Answer<ClaimReply>.Given given => new UnitsAsked(
                            command,
                            replyTo,
                            asked with
                            {
                                Given = given.Reply,
                            },
                            null,
                            null
                        ),
                        Answer<ClaimReply>.Refused bad => new UnitsAsked(command, replyTo, asked, bad.Rejection, null),
                        _ => new UnitsAsked(command, replyTo, asked, null, new UnansweredException($"{reply}")),
                    }
            );
    }

    private void Conclude(UnitsAsked known)
    {
        var claim = known.Found.Units!;
        _claiming.Remove(claim.RegistrationId);
        _ticket = known.Found.Given is null ? _ticket : claim.RegistrationId;
        Conclude(known.Command, known.ReplyTo, known.Bad, known.Cause, known.Found);
    }

    /// <summary>
    /// A test that is over gives back; one that runs says what it has, for it may have begun with a release in which nobody
    /// was asked. Again and again until it was heard.
    /// </summary>
    private void TellTraffic()
    {
        if (!_tellsTraffic || _tellingTraffic || _claiming.Count > 0)
        {
            return;
        }

        _tellingTraffic = true;
        var needs = UnitsAtStake.Needs(State);
        _ = _registry
            .Get<AbTrafficRegion>()
            .AskFor<IWireMessage>(needs ? Note() : Release(), ClaimPatience)
            .PipeTo(Self, success: reply => new TrafficTold(needs, Heard: reply is Answer<IWireMessage>.Given));
    }

    private void Hear(TrafficTold told)
    {
        _tellingTraffic = false;
        _tellsTraffic &= !told.Heard || told.Needs != UnitsAtStake.Needs(State);
    }

    /// <summary>Scheduled ones have nobody yet, and ask again when they begin.</summary>
    private void TakeUpTraffic()
    {
        _tellsTraffic =
            State.Definition is not null
            && State.Stage
                is not (ExperimentStatus.Unspecified or ExperimentStatus.Draft or ExperimentStatus.Scheduled);
        TellTraffic();
    }

    /// <summary>The catalogue knows all tests, a moment late; without it the answer is as good as it was.</summary>
    private void AnswerWithWarnings(ExperimentReply answer, IActorRef catalogue, IActorRef to) =>
        _ = catalogue
            .AskFor<ExperimentsReply>(SharedSalt.Question(State), CataloguePatience)
            .PipeTo(
                to,
                Self,
                success: alike =>
                    alike is Answer<ExperimentsReply>.Given given ? SharedSalt.Warn(answer, given.Reply) : answer
            );

    private ClaimTraffic Note()
    {
        var claim = UnitsAtStake.Now(State);
        claim.RegistrationId = NewTicket();
        return new ClaimTraffic
        {
            Header = Header(claim.RegistrationId),
            Family = State.Definition!.Family,
            Claim = claim,
            Noted = true,
        };
    }

    private ReleaseTraffic Release() =>
        new()
        {
            Header = Header(NewTicket()),
            Family = State.Definition!.Family,
            ExperimentId = EntityId,
            RegistrationId = _ticket,
        };

    private CommandHeader Header(string ticket) => new() { CommandId = ticket, CorrelationId = EntityId };

    private static string NewTicket() => $"units:{Guid.NewGuid():N}";

    /// <param name="Found">With the units asked for; given ones with the answer.</param>
    /// <param name="Cause">Why it is not known.</param>
    private sealed record UnitsAsked(ICommand Command, IActorRef ReplyTo, Found Found, Rejection? Bad, Exception? Cause)
        : INoSerializationVerificationNeeded;

    /// <param name="Needs">What was told: that it needs its units, or that it does not.</param>
    private sealed record TrafficTold(bool Needs, bool Heard) : INoSerializationVerificationNeeded;
}
