using Akka.Actor;
using Akka.TestKit;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Ralm.Models.Seeds;
using Ralm.Models.Training;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>The keeper alone: a probe in the users' place, another in the worker's.</summary>
public sealed class SeedCacheActorSpecs : TrainerTestKit
{
    private static readonly SeedOptions Still = new()
    {
        FirstWait = TimeSpan.Zero,
        AskAgainAfter = TimeSpan.FromHours(1),
        PollEvery = TimeSpan.FromHours(1),
    };

    private readonly FakeTimeProvider _clock = new();
    private string _hash = "";

    private TestProbe Users => field ??= CreateTestProbe();

    [Fact]
    public async Task New_seeds_count_at_once_and_clusters_are_made_anew_after_a_tenth_or_five_minutes()
    {
        var keeper = await Keeper(Still with { AskAgainAfter = TimeSpan.FromMilliseconds(20) });
        await Seen(keeper, "star");
        keeper.Tell(Audience("star", from: 0, count: 40));
        Assert.Equal((40, 40, 0), await Clusters(keeper));

        keeper.Tell(Audience("star", from: 40, count: 3));
        Assert.Equal((43, 40, 3), await Clusters(keeper));
        _clock.Advance(Still.ClusterEvery - TimeSpan.FromSeconds(1));
        await Turns(keeper);
        Assert.Equal((43, 40, 3), await Clusters(keeper));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AwaitConditionAsync(async () => await Clusters(keeper) == (43, 43, 0), Patience, Pause);

        keeper.Tell(Audience("star", from: 43, count: 4));
        Assert.Equal((47, 43, 4), await Clusters(keeper));
        keeper.Tell(Audience("star", from: 47, count: 1));
        Assert.Equal((48, 48, 0), await Clusters(keeper));
    }

    [Fact]
    public async Task With_too_many_candidates_the_one_asked_for_longest_ago_is_forgotten()
    {
        var keeper = await Keeper(Still with { MaxCandidates = 2 });
        foreach (var candidate in (string[])["a", "b", "a", "c"])
        {
            await Seen(keeper, candidate);
            keeper.Tell(Audience(candidate, from: 0, count: 2));
        }

        Assert.Equal(2, (await Seen(keeper, "a"))?.Count);
        Assert.Null((await Seen(keeper, "b"))?.Count);

        Assert.Equal([("a", 0L), ("b", 0L), ("c", 0L), ("b", 0L)], await Asked(4));
    }

    [Fact]
    public async Task With_too_many_seeds_too_and_what_is_asked_for_again_comes_back_whole()
    {
        var keeper = await Keeper(Still with { MaxSeeds = 50 });
        foreach (var candidate in (string[])["a", "b"])
        {
            await Seen(keeper, candidate);
            keeper.Tell(Audience(candidate, from: 0, count: 40));
        }

        Assert.Equal(40, (await Seen(keeper, "b"))?.Count);
        Assert.Null((await Seen(keeper, "a"))?.Count);
        keeper.Tell(Audience("a", from: 0, count: 40));
        Assert.Equal(40, (await Seen(keeper, "a"))?.Count);
        Assert.Equal([("a", 0L), ("b", 0L), ("a", 0L)], await Asked(3));
    }

    [Fact]
    public async Task A_request_that_waits_is_answered_though_the_keeper_fails()
    {
        var keeper = await Keeper(Still with { FirstWait = TimeSpan.FromHours(1) });
        var worker = CreateTestProbe();
        keeper.Tell(new SeedCacheActor.Prepare(new Wanted(_hash, "star"), worker.Ref));

        await EventFilter
            .Exception<NullReferenceException>()
            .ExpectOneAsync(() =>
            {
                keeper.Tell(new SeedCacheActor.Prepare(null!, worker.Ref));
                return Task.CompletedTask;
            });

        Assert.Equal("star", (await worker.ExpectMsgAsync<Wanted>(Patience)).Candidate);
    }

    [Fact]
    public async Task A_model_goes_with_the_last_who_needs_it()
    {
        var keeper = await Keeper(Still);
        var (one, two) = (CreateTestProbe(), CreateTestProbe());
        var artifact = new Messages.Training.ArtifactRef { Hash = _hash };
        foreach (var owner in (TestProbe[])[one, two])
        {
            keeper.Tell(new SeedCacheActor.Load(artifact), owner.Ref);
            Assert.True((await owner.ExpectMsgAsync<SeedCacheActor.Ready>(Patience)).Good);
        }

        keeper.Tell(new SeedCacheActor.Unload(_hash), TestActor);
        keeper.Tell(new SeedCacheActor.Unload(_hash), one.Ref);
        keeper.Tell(new SeedCacheActor.Unload(_hash), one.Ref);
        Assert.NotNull(await Wants(keeper, "star"));
        keeper.Tell(new SeedCacheActor.Unload(_hash), two.Ref);
        Assert.Null(await Wants(keeper, "star"));
    }

    private async Task<IActorRef> Keeper(SeedOptions options)
    {
        using var session = new TrainingSession(SeededData.Config, SeededData.Open(), null, "cpu");
        var artifact = Store.Save(session.Checkpoint(0, 0.5, 0.7));
        _hash = artifact.Hash;
        ActorRegistry.TryRegister<UserRegion>(Users.Ref, overwrite: true);
        var (store, clock, registry, topics) = (Store, _clock, ActorRegistry, CreateTestProbe().Ref);
        var keeper = Sys.ActorOf(
            Props.Create(() => new SeedCacheActor(store, "cpu", options, clock, registry, topics))
        );
        keeper.Tell(new SeedCacheActor.Load(artifact), TestActor);
        Assert.True((await ExpectMsgAsync<SeedCacheActor.Ready>(Patience)).Good);
        return keeper;
    }

    private async Task<RequestSeeds?> Wants(IActorRef keeper, string candidate)
    {
        var worker = CreateTestProbe();
        keeper.Tell(new SeedCacheActor.Prepare(new Wanted(_hash, candidate), worker.Ref));
        return (await worker.ExpectMsgAsync<Wanted>(Patience)).Seeds;
    }

    private async Task<LiveSeeds?> Seen(IActorRef keeper, string candidate) => (await Wants(keeper, candidate))?.Of(0);

    private async Task<(int Count, int Clustered, int Changes)> Clusters(IActorRef keeper)
    {
        var seen = await Seen(keeper, "star");
        return (seen!.Count, seen.Clustered, seen.Changes);
    }

    /// <summary>Until the keeper's timer has come round: it asks whoever is silent again at every second turn.</summary>
    private async Task Turns(IActorRef keeper)
    {
        await Seen(keeper, "silent");
        for (var asked = 0; asked < 3; )
        {
            asked += (await Users.ExpectMsgAsync<GetAudience>(Patience)).UserId == "silent" ? 1 : 0;
        }
    }

    private async Task<List<(string User, long Known)>> Asked(int count)
    {
        var asked = new List<(string, long)>();
        for (var k = 0; k < count; k++)
        {
            var m = await Users.ExpectMsgAsync<GetAudience>(Patience);
            asked.Add((m.UserId, m.KnownVersion));
        }

        return asked;
    }

    private static AudienceReply Audience(string user, int from, int count) =>
        new()
        {
            UserId = user,
            Version = from + count,
            Size = from + count,
            Seeds =
            {
                Enumerable
                    .Range(from, count)
                    .Select(k => new Seed
                    {
                        UserId = SeededData.User(k),
                        Features = SeededData.Profile(k),
                        At = new Timestamp { Seconds = k },
                        SampleSeq = 1,
                        Version = k + 1,
                    }),
            },
        };

    private sealed record Wanted(string Hash, string Candidate, RequestSeeds? Seeds = null)
        : INeedsSeeds,
            INoSerializationVerificationNeeded
    {
        public Score Request { get; } = SeededData.Request(1, "r-1", Candidate);

        public IEnumerable<string> Hashes => [Hash];

        public INeedsSeeds With(Func<string, RequestSeeds?> of) => this with { Seeds = of(Hash) };
    }
}
