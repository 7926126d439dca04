using System.Diagnostics;
using Google.Protobuf;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Client;

/// <summary>
/// How a matching service talks to the back end: what was not answered is sent again as it is, under the same id; a
/// refusal is an error of the caller.
/// </summary>
/// <param name="deadline">How long one message is repeated before giving up.</param>
public sealed class ServiceClient(IServiceTransport transport, TimeSpan deadline)
{
    public LatencyRecorder Interactions { get; } = new();

    public LatencyRecorder Scores { get; } = new();

    public Task<CommandReply> Tell<TRegion>(ICommand command, CancellationToken ct) =>
        Tell<TRegion, CommandReply>(command, ct);

    public Task<TReply> Tell<TRegion, TReply>(ICommand command, CancellationToken ct)
        where TReply : IMessage =>
        Repeat<TRegion, TReply>(command, $"{command.Descriptor.Name} {command.Header.CommandId}", IsPassing, ct);

    public Task<TReply> Ask<TRegion, TReply>(IWireMessage query, CancellationToken ct)
        where TReply : IMessage => Repeat<TRegion, TReply>(query, query.Descriptor.Name, _ => false, ct);

    /// <summary>Scores are asked for again until the scorer has loaded the models.</summary>
    public Task<ScoreReply> Score(Score request, CancellationToken ct) =>
        Repeat<ScorerKey, ScoreReply>(
            request,
            $"score {request.RequestId}",
            refused => refused.Code is RejectionCode.Overloaded or RejectionCode.NotFound,
            ct
        );

    /// <summary>Null: nobody knows.</summary>
    private static Rejection? RefusalOf(Answer<IWireMessage> answer) =>
        answer switch
        {
            Answer<IWireMessage>.Refused refused => refused.Rejection,
            Answer<IWireMessage>.NotFound none => Rejections.NotFound(
                none.Missing.Region,
                none.Missing.EntityId,
                "does not exist"
            ),
            _ => null,
        };

    private static bool IsPassing(Rejection refused) => refused.Code is RejectionCode.Overloaded;

    private async Task<TReply> Repeat<TRegion, TReply>(
        IWireMessage message,
        string name,
        Func<Rejection, bool> passes,
        CancellationToken ct
    )
        where TReply : IMessage
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = 50; ; pause = Math.Min(pause * 2, 2000))
        {
            var sent = Stopwatch.GetTimestamp();
            var answer = await transport.Send(typeof(TRegion), message, ct);
            if (answer is Answer<IWireMessage>.Given { Reply: var reply })
            {
                if (message is Score)
                {
                    Scores.Record(Stopwatch.GetElapsedTime(sent));
                }

                return (TReply)(IMessage)reply;
            }

            var late = Stopwatch.GetElapsedTime(started) > deadline;
            if (RefusalOf(answer) is { } refused && (late || !passes(refused)))
            {
                throw new RefusedException(
                    $"{name}: {refused.Field} \"{refused.Value}\" {refused.Rule}",
                    refused.Field
                );
            }

            if (late)
            {
                throw new TimeoutException($"{name}: no answer within {deadline.TotalSeconds} s");
            }

            await Task.Delay(pause, ct);
        }
    }
}
