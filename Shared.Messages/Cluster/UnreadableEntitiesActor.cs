using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Event;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Cluster;

/// <summary>
/// One on every node. Lists the entities that cannot be read, over all nodes; tries those again that nobody calls; and
/// answers senders whose message was left behind by an entity that had to stop.
/// </summary>
public sealed class UnreadableEntitiesActor : UntypedActor, IWithTimers
{
    public const string Name = "unreadable-entities";
    private const int TriesPerTick = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly UnreadableEntities _own = UnreadableEntities.Of(Context.System);
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Timers.Every(nameof(TryDue), Every, TryDue);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick tick:
                tick.Do();
                break;
            case ListUnreadable { Here: true }:
                Sender.Tell(Own());
                break;
            case ListUnreadable:
                _ = ListAll().PipeTo(Sender, Self);
                break;
            case DeadLetter letter when IsToEntity(letter):
                letter.Sender.Tell(StandInActor.Unavailable(letter.Message, null), Self);
                break;
        }
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void TryDue()
    {
        foreach (var entity in _own.All.Where(_own.IsDue).Take(TriesPerTick))
        {
            TryAgain(entity);
        }
    }

    /// <summary>An entity whose shard has moved away is the other node's to try and to list.</summary>
    private void TryAgain(UnreadableEntity entity)
    {
        var region = ClusterSharding.Get(Context.System).ShardRegion(entity.Region);
        var (shard, own) = (_own.ShardOf(entity), _own);
        _ = region
            .Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Patience)
            .ContinueWith(
                state =>
                {
                    if (state.IsCompletedSuccessfully && state.Result.Shards.All(s => s.ShardId != shard))
                    {
                        own.Forget(entity);
                    }
                    else
                    {
                        region.Tell(new ShardRegion.StartEntity(entity.EntityId), ActorRefs.NoSender);
                    }
                },
                TaskScheduler.Default
            );
    }

    private UnreadableReply Own()
    {
        var reply = new UnreadableReply();
        foreach (var entity in _own.All)
        {
            var known = entity.Clone();
            known.Node = _cluster.SelfAddress.ToString();
            reply.Entities.Add(known);
        }

        return reply;
    }

    private async Task<UnreadableReply> ListAll()
    {
        var (system, here) = (Context.System, new ListUnreadable { Here = true });
        var asked = _cluster
            .State.Members.Where(m => m.Status is MemberStatus.Up or MemberStatus.Leaving)
            .Select(m => (Node: m.Address, Answer: Ask(system, m.Address, here)))
            .ToArray();
        var reply = new UnreadableReply();
        var known = new List<UnreadableEntity>();
        foreach (var (node, answer) in asked)
        {
            if (await answer is { } answered)
            {
                known.AddRange(answered.Entities);
            }
            else
            {
                reply.SilentNodes.Add(node.ToString());
            }
        }

        // One that moves is known to two nodes for a while: the later attempt is the true one.
        reply.Entities.Add(
            known
                .GroupBy(e => (e.Region, e.EntityId))
                .Select(same => same.MaxBy(e => e.NextTryAt.ToDateTimeOffset())!)
                .OrderBy(e => e.Region, StringComparer.Ordinal)
                .ThenBy(e => e.EntityId, StringComparer.Ordinal)
        );
        return reply;
    }

    private static async Task<UnreadableReply?> Ask(ActorSystem system, Address node, ListUnreadable question)
    {
        var there = system.ActorSelection(new RootActorPath(node) / "user" / Name);
        return await there.AskFor<UnreadableReply>(question, Patience) is Answer<UnreadableReply>.Given given
            ? given.Reply
            : null;
    }

    /// <summary>Below a region, and of somebody who waits for an answer.</summary>
    private static bool IsToEntity(DeadLetter letter) =>
        letter.Message is ICommand or IQuery
        && !letter.Sender.IsNobody()
        && letter.Recipient.Path.Elements is ["system", "sharding", ..];
}
