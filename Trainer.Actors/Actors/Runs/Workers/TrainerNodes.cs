using Akka.Actor;
using Akka.Cluster;
using RalmActors.Messages.Cluster;

namespace RalmActors.Trainer.Actors;

/// <summary>Where a run's workers may be.</summary>
/// <param name="Own">The run's own node.</param>
/// <param name="Others">Trainer nodes that take part and can be reached, as seen now; in an order all nodes agree on.</param>
public sealed record TrainerNodes(Address Own, Func<IReadOnlyList<Address>> Others)
{
    /// <summary>No cluster.</summary>
    public static readonly TrainerNodes Alone = new(new Address("akka", "alone"), () => []);

    public static TrainerNodes Of(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        return new(
            cluster.SelfAddress,
            () =>
                [
                    .. cluster
                        .State.Members.Except(cluster.State.Unreachable)
                        .Where(m => m.Status == MemberStatus.Up && m.HasRole(Roles.Trainer))
                        .Select(m => m.Address)
                        .Where(a => a != cluster.SelfAddress)
                        .OrderBy(a => a, Member.AddressOrdering),
                ]
        );
    }

    /// <summary>As people write it.</summary>
    public static string Name(Address node) => node.HasGlobalScope ? $"{node.Host}:{node.Port}" : node.System;
}
