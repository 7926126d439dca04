using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;

namespace RalmActors.Trainer.Actors.Tests.Studies;

/// <summary>
/// Everything of a trainer node under one parent, entities by id as a shard region keeps them. Stopping it is the node's
/// death: all of them end at once, and only the journal and the artefacts stay.
/// </summary>
public sealed class StudyNode : ReceiveActor
{
    private readonly StudyNodeOptions _options;
    private readonly IActorRef _trainer;
    private readonly IActorRef _evaluator;
    private readonly Dictionary<string, IActorRef> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(IEntityMessage, IActorRef)>> _stopping = new(StringComparer.Ordinal);

    public StudyNode(StudyNodeOptions options, ArtifactStore store)
    {
        _options = options;
        var trainer = Context.ActorOf(DeviceActor.Props(store, open: _ => options.Data()));
        _trainer = options.DiesAfter is { } messages
            ? Context.ActorOf(Relay.Props(trainer, messages, options.Observer))
            : trainer;
        var regions = new EvaluatedBy(Self, Self, Self);
        Func<string, DatasetMeta> look = _ => options.Data().Meta;
        _evaluator = Context.ActorOf(Akka.Actor.Props.Create(() => new EvaluationReaderActor(store, regions, look)));
        Receive<IEntityMessage>(m => Route(m));
        Receive<Passivate>(Stop);
        Receive<Gone>(OnGone);
        Receive<Wake>(w => Entity(new GetStudy { StudyId = w.StudyId }));
    }

    /// <summary>What remembering entities does when a node is up again.</summary>
    public sealed record Wake(string StudyId) : INoSerializationVerificationNeeded;

    private void Route(IEntityMessage message)
    {
        if (_stopping.TryGetValue(NameOf(message), out var waiting))
        {
            waiting.Add((message, Sender));
            return;
        }

        Entity(message).Forward(message);
    }

    private void Stop(Passivate passivate)
    {
        if (_entities.FirstOrDefault(e => e.Value.Equals(Sender)).Key is { } name && _stopping.TryAdd(name, []))
        {
            Sender.Tell(passivate.StopMessage);
        }
    }

    /// <summary>What came while the entity stopped is for the next one, as in a shard.</summary>
    private void OnGone(Gone gone)
    {
        _entities.Remove(gone.Name);
        if (_stopping.Remove(gone.Name, out var waiting))
        {
            foreach (var (message, sender) in waiting)
            {
                Entity(message).Tell(message, sender);
            }
        }
    }

    private static string NameOf(IEntityMessage message) =>
        message switch
        {
            IStudyMessage m => $"study-{m.StudyId}",
            ITrainingRunMessage m => $"run-{m.RunId}",
            IEvaluationMessage m => $"evaluation-{m.Family}",
            _ => $"registry-{message.EntityId}",
        };

    private IActorRef Entity(IEntityMessage message)
    {
        var name = NameOf(message);
        if (!_entities.TryGetValue(name, out var entity))
        {
            _entities[name] = entity = Context.ActorOf(Props(message));
            Context.WatchWith(entity, new Gone(name));
            _options.Alive(_entities.Keys.Count(k => k.StartsWith("run-", StringComparison.Ordinal)));
        }

        return entity;
    }

    private Props Props(IEntityMessage message)
    {
        var (self, id, trainer, evaluator) = (Self, message.EntityId, _trainer, _evaluator);
        var regions = ActorRegistry.For(Context.System);
        ArtifactCheck all = (_, _) => Task.FromResult<Rejection?>(null);
        return message switch
        {
            IStudyMessage => Akka.Actor.Props.Create(() =>
                new StudyActor(id, _options.Study, TimeProvider.System, self, self, evaluator)
            ),
            ITrainingRunMessage => Akka.Actor.Props.Create(() =>
                new TrainingRunActor(id, _options.Run, TimeProvider.System, trainer, _ => self)
            ),
            IEvaluationMessage => Akka.Actor.Props.Create(() =>
                new EvaluationQueueActor(id, new EvaluationOptions(), TimeProvider.System, trainer, _ => self)
            ),
            _ => Akka.Actor.Props.Create(() =>
                new RegistryActor(id, new EntityOptions(), TimeProvider.System, ActorRefs.Nobody, all, regions)
            ),
        };
    }

    private sealed record Gone(string Name) : INoSerializationVerificationNeeded;
}

/// <summary>How a node of a spec is made.</summary>
public sealed record StudyNodeOptions
{
    public Func<PreparedDataset> Data { get; init; } = () => PlantedData.Open();

    /// <summary>So many messages reach the trainer; the observer hears of the one that does not.</summary>
    public int? DiesAfter { get; init; }

    public IActorRef Observer { get; init; } = ActorRefs.Nobody;

    /// <summary>Called with the number of runs in memory.</summary>
    public Action<int> Alive { get; init; } = _ => { };

    public TrainingRunOptions Run { get; init; } = new() { RetryAfter = TimeSpan.FromMilliseconds(100) };

    public StudyOptions Study { get; init; } =
        new()
        {
            LookMin = TimeSpan.FromMilliseconds(5),
            LookMax = TimeSpan.FromMilliseconds(50),
            RetryAfter = TimeSpan.FromMilliseconds(200),
        };
}
