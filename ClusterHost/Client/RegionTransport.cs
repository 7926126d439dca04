using Akka.Actor;
using Akka.Hosting;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Client;

/// <summary>Asks the regions of a node in this process.</summary>
public sealed class RegionTransport(IReadOnlyActorRegistry registry) : IServiceTransport
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(5);

    public async Task<ServiceAnswer> Send(Type region, IWireMessage message, CancellationToken ct)
    {
        if (!registry.TryGet(region, out var target))
        {
            throw new InvalidOperationException($"this node does not know the way to {region.Name}");
        }

        try
        {
            return Read(await target.Ask<object>(message, Attempt, ct));
        }
        catch (AskTimeoutException)
        {
            return ServiceAnswer.Unknown;
        }
    }

    private static ServiceAnswer Read(object reply) =>
        reply switch
        {
            CommandReply { Outcome: CommandOutcome.Unavailable } => ServiceAnswer.Unknown,
            NotFoundReply missing => ServiceAnswer.Refused(
                new Rejection
                {
                    Code = RejectionCode.NotFound,
                    Field = missing.Region,
                    Value = missing.EntityId,
                    Rule = "does not exist",
                }
            ),
            IWireMessage message when Rejections.Of(message) is { } rejection => ServiceAnswer.Refused(rejection),
            IMessage message => ServiceAnswer.Of(message),
            _ => throw new InvalidOperationException(
                $"an answer of type {reply.GetType().Name} is not in the contract"
            ),
        };
}
