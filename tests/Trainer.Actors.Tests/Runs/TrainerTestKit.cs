using Akka.Actor;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using Akka.Persistence;
using Akka.TestKit;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>A real trainer with artefacts on disk, a journal in memory, and a probe in the registry's place.</summary>
public abstract class TrainerTestKit : PersistenceTestKit
{
    protected static readonly TimeSpan Patience = Waiting.Patience;

    /// <summary>Between two looks at what must come; by default it would be a tenth of the patience.</summary>
    protected static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-trainer-").FullName;

    protected ArtifactStore Store => new(_folder);

    protected TestProbe Registry => field ??= CreateTestProbe();

    protected override async Task AfterAllAsync()
    {
        await base.AfterAllAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        base.ConfigureAkka(builder, provider);
        builder.WithRalmSerialization().AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Prepend);
    }

    protected IActorRef Trainer(PreparedDataset? data = null) =>
        Sys.ActorOf(DeviceActor.Props(Store, open: _ => data ?? PlantedData.Open()));

    /// <summary>What a lineage can begin at: a model of one epoch.</summary>
    protected async Task<ArtifactRef> TrainedBase()
    {
        var probe = CreateTestProbe();
        var trainer = Trainer();
        trainer.Tell(
            new OpenTrainingSession("base", "s", TrainingRules.Started(GivenRun.Start("base")), null),
            probe.Ref
        );
        trainer.Tell(new FinishEpoch("base", "s", 1, 0), probe.Ref);
        await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
        return (await probe.ExpectMsgAsync<EpochFinished>(Patience)).Result.Checkpoint;
    }

    protected IActorRef Run(string runId, IActorRef trainer, TrainingRunOptions? options = null)
    {
        // There before an actor asks for it: two at once would each make one.
        _ = Registry;
        var run = options ?? new TrainingRunOptions { RetryAfter = TimeSpan.FromMilliseconds(100) };
        var actor = Sys.ActorOf(
            Props.Create(() => new TrainingRunActor(runId, run, TimeProvider.System, trainer, Way))
        );
        Post.Tell(new RunPost.Lives(runId, actor, trainer));
        return actor;
    }

    /// <summary>Where runs find the registry and whoever judges; and the latter the trainer, and runs.</summary>
    private IActorRef Post => field ??= Sys.ActorOf(Props.Create(() => new RunPost(Way)));

    private ICanTell Way(Type region) => region.Equals(typeof(RegistryRegion)) ? Registry.Ref : Post;

    /// <summary>Starts the run, lets the registry take the version, and answers with what it was told.</summary>
    protected async Task<RegisterVersion> RegisteredBy(IActorRef run, StartTraining start)
    {
        await Accepted(run, start);
        return await Registration();
    }

    protected async Task<RegisterVersion> Registration(IActorRef? by = null)
    {
        // One that has been stopped since may have asked before.
        var command = await Registry.FishForMessageAsync<RegisterVersion>(
            _ => by is null || by.Equals(Registry.LastSender),
            Patience
        );
        Registry.Reply(new CommandReply { CommandId = command.Header.CommandId, Outcome = CommandOutcome.Accepted });
        return command;
    }

    protected static async Task Accepted(IActorRef run, ICommand command)
    {
        var reply = await run.Ask<CommandReply>(command, Patience);
        Xunit.Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
    }

    protected static Task<TrainingRunReply> State(IActorRef run, string runId) =>
        run.Ask<TrainingRunReply>(new GetTrainingRun { RunId = runId }, Patience);

    protected static Task Stop(IActorRef run) => run.GracefulStop(Patience, StopEntity.Instance);

    /// <summary>What the run's journal holds, read past the entity.</summary>
    protected Task<IReadOnlyList<IEvent>> Journaled(string runId) => EventsOf($"training-run-{runId}");

    protected async Task<IReadOnlyList<IEvent>> EventsOf(string persistenceId)
    {
        var journal = Persistence.Instance.Apply(Sys).JournalFor(string.Empty);
        var probe = CreateTestProbe();
        journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, persistenceId, probe.Ref), probe.Ref);
        List<IEvent> events = [];
        while (true)
        {
            switch (await probe.ReceiveOneAsync(Patience))
            {
                case ReplayedMessage replayed:
                    events.AddRange(EventGroup.EventsOf((IWireMessage)replayed.Persistent.Payload));
                    break;
                case RecoverySuccess:
                    return events;
                case var other:
                    throw new InvalidOperationException($"{other}");
            }
        }
    }

    /// <summary>The journal once its last event is of this type.</summary>
    protected async Task<IReadOnlyList<IEvent>> JournaledUntil<T>(string runId)
        where T : IEvent
    {
        IReadOnlyList<IEvent> events = [];
        await AwaitConditionAsync(
            async () =>
            {
                events = await Journaled(runId);
                return events is [.., T];
            },
            Patience,
            Pause
        );
        return events;
    }
}
