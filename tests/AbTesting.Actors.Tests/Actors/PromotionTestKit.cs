using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using Akka.Persistence;
using Akka.Remote.Hosting;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors;
using Xunit;
using Metric = RalmActors.Messages.AbTesting.Metric;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>Tests, cells and a registry as they are, on a journal in memory; what scorers would say is said for them.</summary>
public abstract class PromotionTestKit : PersistenceTestKit
{
    protected static readonly TimeSpan Patience = Waiting.Patience;

    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HastyClock _clock = new();

    private protected TimeProvider Clock => _clock;

    private protected CrashPlan Plan { get; } = new();

    private IActorRef Tests => Plan.Tests;

    private IActorRef Registry => ActorRegistry.Get<RegistryRegion>();

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        base.ConfigureAkka(builder, provider);
        builder
            .WithRalmSerialization()
            .WithRemoting("127.0.0.1", 0)
            .WithClustering()
            .AddHocon(
                """
                akka.loglevel = ERROR
                akka.cluster.pub-sub.send-to-dead-letters-when-no-subscribers = off
                """,
                HoconAddMode.Prepend
            );
    }

    protected override async Task BeforeTestStart()
    {
        await base.BeforeTestStart();
        var options = new AbTestingOptions
        {
            ReportAfter = Pause,
            AnnounceEvery = Pause,
            RetryPromotionAfter = Pause,
            CheckClaimsEvery = Pause,
        };
        var cluster = Cluster.Get(Sys);
        await cluster.JoinAsync(cluster.SelfAddress);
        var topics = DistributedPubSub.Get(Sys).Mediator;
        Plan.Tests = Region<AbTestRegion>(AbTestingHosting.Test(options, ActorRegistry, _clock));
        Region<AbTrafficRegion>(AbTestingHosting.Traffic(options, ActorRegistry, _clock));
        Region<AbCellRegion>(AbTestingHosting.Cell(options, ActorRegistry, _clock));
        ArtifactCheck all = (_, _) => Task.FromResult<Rejection?>(null);
        Region<RegistryRegion>(id =>
            Props.Create(() => new RegistryActor(id, new EntityOptions(), _clock, topics, all, ActorRegistry.For(Sys)))
        );
    }

    /// <summary>What the arms of <see cref="GivenExperiment.Create"/> serve.</summary>
    protected async Task Registered(string family)
    {
        foreach (var version in new[] { "v1", "v2" })
        {
            await Accepted(
                Registry,
                new RegisterVersion
                {
                    Header = GivenExperiment.Header(),
                    Family = family,
                    VersionId = version,
                    Artifact = new ArtifactRef
                    {
                        Hash = new string('a', 63) + version[1],
                        WeightsHash = new string('b', 64),
                    },
                }
            );
        }
    }

    /// <summary>A test whose arm b has won and may be promoted, by steps of the smallest size.</summary>
    /// <param name="promotion">Names the test and its family.</param>
    protected async Task Won(string promotion, Action<PromotionPlan>? change = null, Layer? layer = null)
    {
        await Registered(promotion);
        await Accepted(
            Registry,
            new SetStage
            {
                Header = GivenExperiment.Header(),
                Family = promotion,
                VersionId = "v1",
                Stage = Stage.Champion,
            }
        );
        var create = GivenExperiment.Create(d =>
        {
            (d.Family, d.Cells, d.OnVerdict) = (promotion, 1, AutomaticAction.Promote);
            d.Layer = layer;
            d.Metrics.Add(new Metric { Name = "match" });
            d.Metrics.Add(new Metric { Name = "blocks", LowerIsBetter = true });
            d.Guardrails.Add(new Guardrail { Metric = "blocks", Margin = 0.01 });
            d.Promotion = new PromotionPlan
            {
                ShadowRequests = 10,
                StepSeconds = 60,
                Ramp = { 5000, 10_000 },
            };
            change?.Invoke(d.Promotion);
        });
        create.ExperimentId = promotion;
        await Accepted(Tests, create);
        await Accepted(Tests, new StartExperiment { Header = GivenExperiment.Header(), ExperimentId = promotion });
        await Accepted(Tests, Report(promotion, ("a", 2000, 200, 20), ("b", 2000, 320, 20)));
    }

    /// <summary>The only cell's statistics: far above any revision the cell itself has reached.</summary>
    protected static ReportCell Report(
        string experimentId,
        params ReadOnlySpan<(string Arm, long Units, long Matches, long Blocks)> arms
    )
    {
        var report = GivenExperiment.Report(0, 1_000_000);
        report.ExperimentId = experimentId;
        foreach (var (arm, units, matches, blocks) in arms)
        {
            report.Arms.Add(GivenExperiment.Rate(arm, units, matches));
            report.Arms.Add(GivenExperiment.Rate(arm, units, blocks, metric: "blocks"));
        }

        return report;
    }

    /// <summary>As a scorer that serves v2 in shadow says it, until the spec has ended.</summary>
    protected void SayShadow(string promotion, long requests = 10, long failures = 0) =>
        Sys.Scheduler.ScheduleTellRepeatedly(
            TimeSpan.Zero,
            Pause,
            DistributedPubSub.Get(Sys).Mediator,
            new Publish(
                Topics.Shadows,
                new ShadowReport
                {
                    Family = promotion,
                    VersionId = "v2",
                    ChampionVersionId = "v1",
                    Scorer = "scorer",
                    Counts = new ShadowCounts
                    {
                        Requests = requests,
                        Failures = failures,
                        ChampionSeconds = 1,
                        ShadowSeconds = 1,
                    },
                }
            ),
            ActorRefs.NoSender
        );

    private static readonly TimeSpan QuestionLost = TimeSpan.FromSeconds(5);

    protected async Task<ExperimentReply> Until(string experimentId, Predicate<ExperimentReply> holds)
    {
        ExperimentReply? test = null;
        await AwaitConditionAsync(
            async () =>
            {
                try
                {
                    test =
                        await Tests.Ask<object>(new GetExperiment { ExperimentId = experimentId }, QuestionLost)
                        as ExperimentReply;
                    return test is not null && holds(test);
                }
                catch (AskTimeoutException)
                {
                    // Asked of an incarnation that crashed with the question: it is asked again.
                    return false;
                }
            },
            Patience,
            Pause
        );
        return test!;
    }

    protected Task<RegistryReply> Family(string promotion) =>
        Registry.Ask<RegistryReply>(new GetRegistry { Family = promotion }, Patience);

    protected Task Accepted(IExperimentMessage command) => Accepted(Tests, (ICommand)command);

    protected Task<HoldoutReply> Holdout(string family) =>
        ActorRegistry.Get<AbTrafficRegion>().Ask<HoldoutReply>(new GetHoldout { Family = family }, Patience);

    /// <summary>Sent once, whatever is answered; <see langword="null"/>: nothing was.</summary>
    protected async Task<CommandReply?> Once(IActorRef region, ICommand command)
    {
        try
        {
            return await region.Ask<CommandReply>(command, Attempt);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>What an entity's journal holds, read past the entity.</summary>
    protected async Task<IReadOnlyList<IEvent>> Journaled(string persistenceId)
    {
        var probe = CreateTestProbe();
        Persistence
            .Instance.Apply(Sys)
            .JournalFor(string.Empty)
            .Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, persistenceId, probe.Ref), probe.Ref);
        List<IEvent> events = [];
        while (await probe.ReceiveOneAsync(Patience) is ReplayedMessage replayed)
        {
            events.AddRange(EventGroup.EventsOf((IWireMessage)replayed.Persistent.Payload));
        }

        return events;
    }

    /// <summary>As every sender does: what was not answered is sent again under the same id.</summary>
    protected async Task Accepted(IActorRef region, ICommand command)
    {
        CommandReply? reply = null;
        await AwaitConditionAsync(
            async () =>
            {
                try
                {
                    reply = await region.Ask<CommandReply>(command, Attempt);
                    return true;
                }
                catch (AskTimeoutException)
                {
                    return false;
                }
            },
            Patience,
            Pause
        );
        Assert.Null(reply!.Rejection);
        Assert.Contains(reply.Outcome, new[] { CommandOutcome.Accepted, CommandOutcome.Duplicate });
    }

    private IActorRef Region<TKey>(Func<string, Props> entity)
    {
        var plan = Plan;
        var region = Sys.ActorOf(Props.Create(() => new CrashingRegion(entity, plan)));
        ActorRegistry.Register<TKey>(region);
        return region;
    }
}
