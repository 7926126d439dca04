using Akka.Actor;
using Ralm.Models.Training;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>Opens workers for runs of other nodes, one for whoever asks, however often; an actor of every trainer node.</summary>
internal sealed class TrainingWorkersActor : ReceiveActor
{
    public const string Name = "training-workers";

    private readonly Dictionary<IActorRef, IActorRef> _byAsker = [];

    /// <param name="device">cpu or cuda:N.</param>
    public TrainingWorkersActor(DatasetCache datasets, string device)
    {
        Receive<OpenTrainingWorker>(m =>
        {
            if (!_byAsker.ContainsKey(Sender))
            {
                _byAsker[Sender] = Context.Watch(
                    Context.ActorOf(RemoteWorkerHostActor.Props(m, Sender, datasets, device))
                );
            }
        });
        Receive<Terminated>(ended => _byAsker.Remove(_byAsker.First(w => w.Value.Equals(ended.ActorRef)).Key));
    }

    public static Props Props(DatasetCache datasets, string device) =>
        Akka.Actor.Props.Create(() => new TrainingWorkersActor(datasets, device));

    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;
}
