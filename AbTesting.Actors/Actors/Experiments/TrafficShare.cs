using Akka.Actor;
using Akka.Hosting;
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
/// <param name="self">Hears <see cref="Told"/>.</param>
internal sealed class TrafficShare(string experimentId, IReadOnlyActorRegistry regions, IActorRef self)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _claiming = new(StringComparer.Ordinal);
    private string _ticket = "";
    private bool _owesWord;
    private bool _telling;

    /// <summary>The family has been asked, and has not answered.</summary>
    public bool IsClaiming => _claiming.Count > 0;

    /// <summary>The claim, with a ticket; <see cref="Answered"/> is to follow the answer.</summary>
    public TrafficClaim Ticketed(TrafficClaim units)
    {
        var claim = units.Clone();
        claim.RegistrationId = NewTicket();
        _claiming.Add(claim.RegistrationId);
        return claim;
    }

    public Task<Answer<ClaimReply>> Claim(string family, TrafficClaim ticketed) =>
        regions
            .Get<AbTrafficRegion>()
            .AskFor<ClaimReply>(
                new ClaimTraffic
                {
                    Header = Header(ticketed.RegistrationId),
                    Family = family,
                    Claim = ticketed,
                },
                Patience
            );

    public void Answered(TrafficClaim ticketed, bool isGiven)
    {
        _claiming.Remove(ticketed.RegistrationId);
        _ticket = isGiven ? ticketed.RegistrationId : _ticket;
    }

    /// <summary>Scheduled ones have nobody yet, and ask again when they begin.</summary>
    public void TakeUp(ExperimentState experiment)
    {
        _owesWord =
            experiment.Definition is not null
            && experiment.Stage
                is not (ExperimentStatus.Unspecified or ExperimentStatus.Draft or ExperimentStatus.Scheduled);
        Tell(experiment);
    }

    /// <summary>It does not need what it has; or what it was given was given for nothing.</summary>
    public void GiveBack() => _owesWord = true;

    /// <summary>
    /// A test that is over gives back; one that runs says what it has, for it may have begun with a release in which nobody
    /// was asked. Again and again until it was heard.
    /// </summary>
    public void Tell(ExperimentState experiment)
    {
        if (!_owesWord || _telling || IsClaiming)
        {
            return;
        }

        _telling = true;
        var needs = UnitsAtStake.Needs(experiment);
        _ = regions
            .Get<AbTrafficRegion>()
            .AskFor<IWireMessage>(needs ? Note(experiment) : Release(experiment), Patience)
            .PipeTo(self, success: reply => new Told(needs, Heard: reply is Answer<IWireMessage>.Given));
    }

    public void Hear(Told told, ExperimentState experiment)
    {
        _telling = false;
        _owesWord &= !told.Heard || told.Needs != UnitsAtStake.Needs(experiment);
    }

    private ClaimTraffic Note(ExperimentState experiment)
    {
        var claim = UnitsAtStake.Now(experiment);
        claim.RegistrationId = NewTicket();
        return new ClaimTraffic
        {
            Header = Header(claim.RegistrationId),
            Family = experiment.Definition!.Family,
            Claim = claim,
            Noted = true,
        };
    }

    private ReleaseTraffic Release(ExperimentState experiment) =>
        new()
        {
            Header = Header(NewTicket()),
            Family = experiment.Definition!.Family,
            ExperimentId = experimentId,
            RegistrationId = _ticket,
        };

    private CommandHeader Header(string ticket) => new() { CommandId = ticket, CorrelationId = experimentId };

    private static string NewTicket() => $"units:{Guid.NewGuid():N}";

    /// <param name="Needs">What was told: that it needs its units, or that it does not.</param>
    internal sealed record Told(bool Needs, bool Heard) : INoSerializationVerificationNeeded;
}
