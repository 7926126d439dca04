using Akka.Actor;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>Stands before the trainer and forwards so many messages; the rest it swallows, as a dying node does.</summary>
public sealed class Relay : UntypedActor
{
    private readonly IActorRef _trainer;
    private readonly IActorRef _observer;
    private int _left;

    public Relay(IActorRef trainer, int messages, IActorRef observer)
    {
        _trainer = trainer;
        _left = messages;
        _observer = observer;
    }

    /// <summary>Told to the observer when the first message is swallowed.</summary>
    public sealed record Dead : INoSerializationVerificationNeeded;

    public static Props Props(IActorRef trainer, int messages, IActorRef observer) =>
        Akka.Actor.Props.Create(() => new Relay(trainer, messages, observer));

    protected override void OnReceive(object message)
    {
        switch (_left)
        {
            case > 0:
                _left--;
                _trainer.Forward(message);
                break;
            case 0:
                _left--;
                _observer.Tell(new Dead());
                break;
        }
    }
}
