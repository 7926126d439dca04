using System.Diagnostics;
using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;

namespace RalmActors.ClusterHost.Demo;

/// <summary>
/// How a matching service talks to the back end: a command is repeated, under the same id, until it is answered; a
/// refusal is an error of the caller.
/// </summary>
public sealed class ServiceClient(IReadOnlyActorRegistry registry, TimeSpan deadline)
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(5);

    public LatencyRecorder Interactions { get; } = new();

    public LatencyRecorder Scores { get; } = new();

    public Task<CommandReply> Tell<TRegion>(ICommand command, CancellationToken ct) =>
        Tell<TRegion, CommandReply>(command, ct);

    public async Task<TReply> Tell<TRegion, TReply>(ICommand command, CancellationToken ct)
        where TReply : IWireMessage
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = 50; ; pause = Math.Min(pause * 2, 2000))
        {
            var answer = await TryAsk<TRegion>(command, ct);
            switch (answer)
            {
                case CommandReply { Outcome: CommandOutcome.Rejected } refused:
                    throw new InvalidOperationException(
                        $"{command.Descriptor.Name} {command.Header.CommandId}: {refused.Rejection.Field} "
                            + $"\"{refused.Rejection.Value}\" {refused.Rejection.Rule}"
                    );
                case TReply reply when reply is not CommandReply { Outcome: CommandOutcome.Unavailable }:
                    return reply;
            }

            if (Stopwatch.GetElapsedTime(started) > deadline)
            {
                throw new TimeoutException($"{command.Descriptor.Name} {command.Header.CommandId}: no answer");
            }

            await Task.Delay(pause, ct);
        }
    }

    public Task<TReply> Ask<TRegion, TReply>(IWireMessage query, CancellationToken ct) =>
        registry.Get<TRegion>().Ask<TReply>(query, deadline, ct);

    /// <summary>Scores are asked for again until the scorer serves.</summary>
    public async Task<ScoreReply> Score(Score request, CancellationToken ct)
    {
        for (var pause = 50; ; pause = Math.Min(pause * 2, 2000))
        {
            var reply = await Scores.Time(() => registry.Get<ScorerKey>().Ask<ScoreReply>(request, deadline, ct));
            if (reply.Rejection is null)
            {
                return reply;
            }

            if (reply.Rejection.Code is RejectionCode.Invalid || pause >= 2000)
            {
                throw new InvalidOperationException(
                    $"score {request.RequestId}: {reply.Rejection.Field} \"{reply.Rejection.Value}\" {reply.Rejection.Rule}"
                );
            }

            await Task.Delay(pause, ct);
        }
    }

    private async Task<object?> TryAsk<TRegion>(ICommand command, CancellationToken ct)
    {
        try
        {
            return await registry.Get<TRegion>().Ask<object>(command, Attempt, ct);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
