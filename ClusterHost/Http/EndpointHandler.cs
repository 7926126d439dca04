using Akka.Actor;
using Akka.Hosting;
using Google.Protobuf;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>The one adapter between HTTP and the regions: read, ask, answer. It holds no rule of any area.</summary>
public sealed class EndpointHandler(IReadOnlyActorRegistry registry, RalmSettings settings)
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true)
    );

    public async Task Handle(RestEndpoint endpoint, HttpContext context)
    {
        var request = await RequestReader.Read(endpoint, context);
        var problem = request.Problem ?? await Ask(endpoint, request.Message!, context);
        if (problem is not null)
        {
            await problem.Write(context);
        }
    }

    private async Task<Problem?> Ask(RestEndpoint endpoint, IWireMessage message, HttpContext context)
    {
        if (!registry.TryGet(endpoint.Region, out var region))
        {
            return Problem.Unavailable($"this node does not know the way to {endpoint.Region.Name}");
        }

        endpoint.Defaults?.Invoke(message, settings);
        try
        {
            var reply = await region.Ask<object>(message, settings.Http.AskTimeout, context.RequestAborted);
            return await Answer(endpoint, reply, context);
        }
        catch (AskTimeoutException)
        {
            return Problem.Unavailable(
                $"no answer within {settings.Http.AskTimeout.TotalSeconds} s; repeat it with the same command id"
            );
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<Problem?> Answer(RestEndpoint endpoint, object reply, HttpContext context)
    {
        switch (reply)
        {
            case NotFoundReply missing:
                return Problem.NotFound(missing);
            case CommandReply { Outcome: CommandOutcome.Unavailable, Unreadable: { } unreadable }:
                return Problem.Unreadable(unreadable);
            case CommandReply { Outcome: CommandOutcome.Unavailable }:
                return Problem.Unavailable(
                    "not known whether it is in the journal; repeat it with the same command id"
                );
            case IWireMessage message when Rejections.Of(message) is { } rejection:
                return Problem.Of(rejection);
            case IWireMessage message:
                context.Response.ContentType = endpoint.Rendering?.ContentType ?? "application/json";
                var body = endpoint.Rendering?.Write(message) ?? Formatter.Format(message);
                await context.Response.WriteAsync(body, context.RequestAborted);
                return null;
            default:
                return Problem.Unavailable($"an answer of type {reply.GetType().Name} is not part of the contract");
        }
    }
}
