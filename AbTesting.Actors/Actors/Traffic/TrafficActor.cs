using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Traffic;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="TrafficState"/>. Again and again it asks tests, a few at a time, whether they need what they were
/// given, and takes back what was given to an attempt that came to nothing. It stays in memory as long as anybody has
/// anything.
/// </summary>
public sealed class TrafficActor : EntityActor<TrafficState>
{
    private const int AskedAtOnce = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly AbTestingOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly Dictionary<string, long> _askedInRound = new(StringComparer.Ordinal);
    private long _round;

    public TrafficActor(string family, AbTestingOptions options, IReadOnlyActorRegistry registry, TimeProvider clock)
        : base(RegionNames.AbTraffic, family, options.Tests, clock)
    {
        _options = options;
        _registry = registry;
    }

    protected override void OnReady()
    {
        CheckClaims();
        Timers.Every(nameof(Round), _options.CheckClaimsEvery, Round);
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Checked { Needed: false } idle:
                Execute(
                    new ReleaseTraffic
                    {
                        Header = new CommandHeader { CommandId = idle.Ticket, CorrelationId = idle.ExperimentId },
                        Family = EntityId,
                        ExperimentId = idle.ExperimentId,
                        RegistrationId = idle.Ticket,
                    },
                    ActorRefs.Nobody
                );
                return true;
            case Checked:
                return true;
            default:
                return false;
        }
    }

    private void Round()
    {
        if (State.Claims.IsEmpty)
        {
            LeaveMemory();
        }
        else
        {
            CheckClaims();
        }
    }

    private void CheckClaims()
    {
        _round++;
        foreach (
            var claim in State
                .Claims.Values.OrderBy(c => _askedInRound.GetValueOrDefault(c.RegistrationId))
                .Take(AskedAtOnce)
        )
        {
            _askedInRound[claim.RegistrationId] = _round;
            _ = _registry
                .Get<AbTestRegion>()
                .AskFor<ClaimCheckReply>(
                    new CheckClaim { ExperimentId = claim.ExperimentId, Family = EntityId },
                    Patience
                )
                .PipeTo(
                    Self,
                    success: answer => new Checked(
                        claim.ExperimentId,
                        claim.RegistrationId,
                        answer
                            is not (
                                Answer<ClaimCheckReply>.Given { Reply.Needed: false }
                                or Answer<ClaimCheckReply>.NotFound
                            )
                    )
                );
        }

        foreach (var ticket in _askedInRound.Keys.Except(State.Claims.Values.Select(c => c.RegistrationId)).ToArray())
        {
            _askedInRound.Remove(ticket);
        }
    }

    /// <param name="Needed">Also where nobody could say.</param>
    private sealed record Checked(string ExperimentId, string Ticket, bool Needed) : INoSerializationVerificationNeeded;
}
