using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.OnlineLearner.Actors;
using RalmActors.OnlineLearner.Hosting;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>A scorer and real users on one node without a cluster.</summary>
public abstract class SeedServingKit : TrainerTestKit
{
    /// <summary>A user of taste 0.</summary>
    protected const int Fan = 4;

    private static int _requests;

    /// <summary>The mediator of a node without a cluster.</summary>
    protected IActorRef Topics => field ??= Sys.ActorOf(Props.Create(() => new Topic()));

    protected async Task Like(int user, string candidate)
    {
        var like = new RecordInteraction
        {
            Header = new CommandHeader { CommandId = $"{user}-likes-{candidate}" },
            UserId = SeededData.User(user),
            CandidateId = candidate,
            User = SeededData.Profile(user),
            Candidate = SeededData.Look,
            Label = 1,
        };
        var reply = await ActorRegistry.Get<UserRegion>().Ask<CommandReply>(like, Patience);
        Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
    }

    protected static Task<ScoreReply> Ask(IActorRef scorer, int user, string candidate) =>
        scorer.Ask<ScoreReply>(
            SeededData.Request(user, $"r-{Interlocked.Increment(ref _requests)}", candidate),
            Patience
        );

    protected async Task<ScoredCandidate> Until(IActorRef scorer, int user, string candidate, int seeds)
    {
        ScoreReply reply = new();
        await AwaitConditionAsync(
            async () => (reply = await Ask(scorer, user, candidate)).Scores[0].Seeds == seeds,
            Patience,
            Pause
        );
        return reply.Scores[0];
    }

    private protected async Task<IActorRef> Serving(ModelArtifact artifact, bool regions = true)
    {
        var scorer = Scorer(regions);
        scorer.Tell(GivenServing.Family("v-1", ("v-1", Store.Save(artifact))));
        await AwaitConditionAsync(async () => (await Ask(scorer, Fan, "nobody")).Rejection is null, Patience, Pause);
        return scorer;
    }

    private protected IActorRef Scorer(bool regions = true)
    {
        var (registry, topics, time) = (ActorRegistry, Topics, TimeProvider.System);
        if (regions)
        {
            var options = new OnlineLearnerOptions();
            var opened = new OpenedLineages();
            opened.Add("champion");
            registry.TryRegister<UserRegion>(
                Region(id => Props.Create(() => new UserActor(id, options, time, registry, topics, opened))),
                overwrite: true
            );
            registry.TryRegister<PendingUsersRegion>(
                Region(id => Props.Create(() => new PendingUsersActor(id, options, time, registry))),
                overwrite: true
            );
        }

        registry.TryRegister<RegistryRegion>(Registry.Ref, overwrite: true);
        var scoring = new ScorerOptions
        {
            Workers = 2,
            AskEvery = TimeSpan.FromHours(1),
            ReportShadowsEvery = TimeSpan.FromMilliseconds(50),
        };
        var store = Store;
        return Sys.ActorOf(Props.Create(() => new ScorerActor(store, scoring, "cpu", time, registry, topics)));
    }

    private IActorRef Region(Func<string, Props> entity) => Sys.ActorOf(Props.Create(() => new LocalRegion(entity)));

    private sealed class Topic : UntypedActor
    {
        private readonly List<(string Topic, IActorRef Subscriber)> _subscribers = [];

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Subscribe m:
                    _subscribers.Add((m.Topic, m.Ref));
                    break;
                case Publish m:
                    _subscribers.Where(s => s.Topic == m.Topic).ToList().ForEach(s => s.Subscriber.Tell(m.Message));
                    break;
            }
        }
    }
}
