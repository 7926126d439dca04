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
    internal static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true)
    );

    public async Task Handle(RestEndpoint endpoint, HttpContext context)
    {
        var request = await RequestReader.Read(endpoint, context);
        var problem = request.Problem ?? await Ask(endpoint, request.Message!, context);
        if (problem is not null)
        {
            await problem.ExecuteAsync(context);
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
            var answer = await region.AskFor<IWireMessage>(message, settings.Http.AskTimeout, context.RequestAborted);
            return await Answer(endpoint, answer, context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<Problem?> Answer(RestEndpoint endpoint, Answer<IWireMessage> answer, HttpContext context)
    {
        if (ProblemOf(answer) is { } problem)
        {
            return problem;
        }

        var reply = answer.ReplyOrThrow;
        context.Response.ContentType = endpoint.Rendering?.ContentType ?? "application/json";
        var body = endpoint.Rendering?.Write(reply) ?? Formatter.Format(reply);
        await context.Response.WriteAsync(body, context.RequestAborted);
        return null;
    }

    /// <summary>Null: there is a reply.</summary>
    internal static Problem? ProblemOf(Answer<IWireMessage> answer) =>
        answer switch
        {
            Answer<IWireMessage>.NotFound none => Problem.NotFound(none.Missing),
            Answer<IWireMessage>.Unavailable { Unreadable: { } unreadable } => Problem.Unreadable(unreadable),
            Answer<IWireMessage>.Unavailable unavailable => Problem.Unavailable(
                $"{unavailable.Why}; repeat it with the same command id"
            ),
            Answer<IWireMessage>.Refused refused => Problem.Of(refused.Rejection),
            _ => null,
        };
}
