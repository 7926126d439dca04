using Akka.Actor;
using Akka.Cluster.Sharding;

namespace RalmActors.Messages.Entities;

/// <summary>
/// Stands where an entity cannot be read: says so at once instead of leaving senders in silence, and makes room when the
/// next attempt is due.
/// </summary>
public sealed class StandInActor : UntypedActor, IWithTimers
{
    private readonly UnreadableEntity _entity;

    public StandInActor(UnreadableEntity entity) => _entity = entity;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(UnreadableEntity entity) => Akka.Actor.Props.Create(() => new StandInActor(entity));

    /// <summary>What senders hear of an entity that is not there to answer.</summary>
    public static CommandReply Unavailable(object message, UnreadableEntity? entity) =>
        new()
        {
            CommandId = (message as ICommand)?.Header?.CommandId ?? "",
            Outcome = CommandOutcome.Unavailable,
            Unreadable = entity,
        };

    protected override void PreStart() =>
        Timers.After(nameof(MakeRoom), UnreadableEntities.Of(Context.System).Pause(_entity), MakeRoom);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ICommand or IQuery:
                Sender.Tell(Unavailable(message, _entity));
                break;
            case StopEntity:
                Context.Stop(Self);
                break;
            case Tick tick:
                tick.Do();
                break;
        }
    }

    private void MakeRoom()
    {
        Context.Parent.Tell(new Passivate(StopEntity.Instance));
        // Kept by the shard until this stand-in has gone: it starts the entity.
        Context.Parent.Tell(new ShardRegion.StartEntity(_entity.EntityId));
    }
}
