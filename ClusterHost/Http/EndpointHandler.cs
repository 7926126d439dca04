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
        await AnswerOrSay(
            async () =>
            {
                var request = await RequestReader.Read(endpoint, context);
                return request.Problem ?? await Answer(endpoint, request.Message!, context);
            },
            context
        );
    }

    /// <summary>Says what is wrong, unless whoever asked has gone.</summary>
    /// <param name="answer">Null: it has been answered.</param>
    internal static async Task AnswerOrSay(Func<Task<Problem?>> answer, HttpContext context)
    {
        try
        {
            if (await answer() is { } problem)
            {
                await problem.ExecuteAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to hear it.
        }
    }

    private async Task<Problem?> Answer(RestEndpoint endpoint, IWireMessage message, HttpContext context)
    {
        var (reply, problem) = await Ask(endpoint, message, context.RequestAborted);
        if (reply is null)
        {
            return problem;
        }

        context.Response.ContentType = endpoint.Rendering?.ContentType ?? "application/json";
        var body = endpoint.Rendering?.Write(reply) ?? Formatter.Format(reply);
        await context.Response.WriteAsync(body, context.RequestAborted);
        return null;
    }

    /// <summary>What the endpoint's region makes of a message: a reply, or what is wrong.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    internal async Task<(IWireMessage? Reply, Problem? Problem)> Ask(
        RestEndpoint endpoint,
        IWireMessage message,
        CancellationToken ct
    )
    {
        if (!registry.TryGet(endpoint.Region, out var region))
        {
            return (null, Problem.Unavailable($"this node does not know the way to {endpoint.Region.Name}"));
        }

        endpoint.Defaults?.Invoke(message, settings);
        var answer = await region.AskFor<IWireMessage>(message, settings.Http.AskTimeout, ct);
        return ProblemOf(answer) is { } problem ? (null, problem) : (answer.ReplyOrThrow, null);
    }

    /// <summary>Null: there is a reply.</summary>
    private static Problem? ProblemOf(Answer<IWireMessage> answer) =>
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
