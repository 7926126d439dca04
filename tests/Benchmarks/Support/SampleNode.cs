using Akka.Actor;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using Serilog;

namespace RalmActors.Benchmarks.Support;

/// <summary>A whole node with a file for a journal, and its 1,000 users.</summary>
public sealed class SampleNode : IAsyncDisposable
{
    private const int Users = 1_000;

    private readonly RalmNode _node;
    private readonly IActorRef _users;

    private SampleNode(RalmNode node) => (_node, _users) = (node, node.Registry.Get<UserRegion>());

    public ActorSystem System => _node.System;

    public static async Task<SampleNode> Start(string folder, CancellationToken ct)
    {
        var settings = RalmSettings.Read(
            ProcessSettings.Written(
                new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["Node:DataPath"] = folder,
                    ["Http:Urls"] = "http://127.0.0.1:0",
                }
            )
        );
        return new SampleNode(
            await RalmNode.Start(
                settings,
                ct,
                app => app.Services.AddSerilog(new LoggerConfiguration().CreateLogger(), dispose: true)
            )
        );
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    /// <summary>The next user's sample, until it is acknowledged.</summary>
    public async Task Send(string id, int nr, CancellationToken ct)
    {
        var reply = await _users.Ask<CommandReply>(Sample(id, nr % Users, nr), TimeSpan.FromSeconds(60), ct);
        if (reply.Outcome != CommandOutcome.Accepted)
        {
            throw new InvalidOperationException($"{id}: {reply.Outcome} {reply.Rejection?.Rule}");
        }
    }

    /// <summary>Everybody meets everybody in turn, and likes every second one.</summary>
    private static RecordInteraction Sample(string id, int user, int nr) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            UserId = $"user-{user}",
            CandidateId = $"candidate-{(user + (nr / Users)) % Users}",
            User = Side(),
            Candidate = Side(),
            Label = ((nr / Users) + nr) % 2,
        };

    private static Features Side()
    {
        var side = new Features();
        side.Items.AddRange(Enumerable.Range(0, 10).Select(k => new Feature { Name = $"quiz_{k}", Number = k / 7.0 }));
        return side;
    }
}
