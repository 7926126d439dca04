using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Models.Training;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Actors;
using RalmActors.Scorer.Domain.Seeds;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>
/// What is kept with a candidate's clusters changes no score: an explanation, which computes everything anew, gives the same.
/// </summary>
public sealed class KeptLookAlikeSpecs : IDisposable
{
    private const int Asking = 3;

    private readonly List<ServingModel> _models = [];

    public void Dispose() => _models.ForEach(m => m.Dispose());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_score_is_the_same_the_first_time_and_every_other_time(bool reciprocal)
    {
        var model = Model(reciprocal: reciprocal);
        LiveSeeds?[] all =
        [
            null,
            Live(model, []),
            Live(model, Users(100, 2)),
            Live(model, Users(200, 40)),
            Live(model, Users(Asking, 1)),
            Live(model, Users(0, 5)),
            Live(model, Users(0, 40)),
            Live(model, Users(300, 6)),
        ];
        // Two of those who are asked for are among the user's own seeds.
        var ofUser = Live(model, [.. Users(700, 30), SeededData.Candidate(2), SeededData.Candidate(5)]);

        for (var turn = 0; turn < 3; turn++)
        {
            AssertAsExplained(model, all, reciprocal ? ofUser : null);
        }
    }

    [Fact]
    public void Whoever_asks_and_is_a_seed_changes_nothing_for_the_next_who_asks()
    {
        var model = Model();
        var seeds = Live(model, Users(0, 40));

        AssertAsExplained(model, [seeds], null, user: Asking);
        AssertAsExplained(model, [seeds], null, user: 500);
        AssertAsExplained(model, [seeds], null, user: Asking);
    }

    /// <summary>Candidates of few and of many seeds; the user is in clusters with others, and in one alone.</summary>
    [Theory]
    [InlineData("Ralm", false)]
    [InlineData("Ralm", true)]
    [InlineData("MeanPooledSeeds", false)]
    public void Whoever_asks_is_left_out_of_its_own_cluster_of_each_candidate(string name, bool reciprocal)
    {
        var model = Model(reciprocal: reciprocal, name: name);
        LiveSeeds?[] all =
        [
            .. ((int[])[2, 6, 7, 40, 99, 100, 101, 300]).Select(count => Live(model, Users(0, count))),
            Live(model, Users(100, 40)).With(FarOff(model, Asking), []).Anew(),
        ];
        Assert.Equal(1, OwnCluster(all[^1]!));
        Assert.All(all[3..^1], seeds => Assert.InRange(OwnCluster(seeds!), 2, 299));
        // A candidate asks the user's seeds in turn.
        string[] own = [.. Users(700, 30), .. Enumerable.Range(0, all.Length).Select(SeededData.Candidate)];
        var ofUser = reciprocal ? Live(model, own) : null;

        for (var turn = 0; turn < 2; turn++)
        {
            AssertAsExplained(model, all, ofUser);
            AssertAsExplained(model, all, ofUser, user: 500);
        }

        static int OwnCluster(LiveSeeds of) =>
            of.Clusters.Sizes[of.Clusters.Assignment[of.IndexOf(SeededData.User(Asking))]];
    }

    [Fact]
    public void Many_candidates_are_scored_as_each_alone()
    {
        var model = Model();
        LiveSeeds?[] all = [.. Enumerable.Range(0, 600).Select(k => Live(model, Users(k % 7, k % 20)))];

        AssertAsExplained(model, all, null);
        AssertAsExplained(model, all, null);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void A_seed_that_comes_or_goes_and_clusters_made_anew_count_at_once(int count)
    {
        var model = Model();
        var before = Live(model, Users(100, count));
        var joined = before.With(Seen(model, Users(900, 1)), []);
        var gone = joined.With([], Users(100, 1));
        AssertAsExplained(model, [before, null], null);

        foreach (var after in (LiveSeeds[])[joined, gone, gone.Anew()])
        {
            AssertAsExplained(model, [after, before], null);
            AssertAsExplained(model, [after, before], null);
        }

        Assert.NotEqual(Score(model, [before], null)[0].Score, Score(model, [joined], null)[0].Score, 1e-6f);
    }

    /// <summary>A version takes the place of another, or is in shadow beside it: both score through what one node keeps.</summary>
    [Fact]
    public void Each_version_keeps_its_own()
    {
        var (one, other) = (Model(seed: 1), Model(seed: 2));
        var kept = new KeptAudience("c");
        kept.Audience.Follow(new AudienceReply { Version = 1, Seeds = { Users(100, 40).Select(id => Seed(id)) } });
        var models = new SeededModels(new ClusterRule(0.1, TimeSpan.FromMinutes(5)));
        models.Add("one", one);
        models.Add("other", other);
        models.See("one", kept);
        AssertAsExplained(one, [SeedsOf("one")], null);
        models.See("other", kept);

        for (var turn = 0; turn < 2; turn++)
        {
            AssertAsExplained(one, [SeedsOf("one")], null);
            AssertAsExplained(other, [SeedsOf("other")], null);
        }

        Assert.NotSame(SeedsOf("one")!.Clusters.View, SeedsOf("other")!.Clusters.View);

        LiveSeeds? SeedsOf(string hash) => models.SeedsOf(hash, [kept], null)!.Of(0);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(40, 6)]
    public void No_more_is_kept_than_a_few_numbers_for_each_cluster(int seeds, int clusters)
    {
        var model = Model();
        var live = Live(model, Users(0, seeds));

        Score(model, [live, Live(model, Users(0, 50))], null, user: 500);

        var kept = live.Clusters.View!;
        var numbers = kept.Compared.Length + kept.Lengths.Length + kept.LogSizes.Length + kept.Logits.Length;
        Assert.Equal(clusters * (model.Seeded!.RepresentationWidth + 3), numbers);
        Assert.Equal(clusters * model.Seeded.RepresentationWidth, live.Clusters.Sums.Length);
    }

    [Fact]
    public void What_is_kept_is_what_is_used()
    {
        var model = Model();
        var (one, other) = (Live(model, Users(100, 40)), Live(model, Users(200, 40)));
        var scored = Score(model, [one, other], null);

        one.Clusters.View = other.Clusters.View;

        var again = Score(model, [one, other], null);
        Assert.NotEqual(scored[0].LookAlike, again[0].LookAlike);
        Assert.Equal(scored[1].LookAlike, again[0].LookAlike);
    }

    private static void AssertAsExplained(ServingModel model, LiveSeeds?[] seeds, LiveSeeds? ofUser, int user = Asking)
    {
        var scored = Score(model, seeds, ofUser, user);
        for (var k = 0; k < seeds.Length; k++)
        {
            var one = SeededData.Request(user, "r", SeededData.Candidate(k));
            var why = model.Explain(one, new RequestSeeds([seeds[k]], ofUser), topSeeds: -1);
            Assert.Equal(why.Score, scored[k].Score, 1e-6f);
            Assert.Equal(why.Seeds, scored[k].Seeds);
            Assert.Equal(why.Seeds == 0, scored[k].LookAlike.IsEmpty);
        }
    }

    private static ScoredCandidate[] Score(
        ServingModel model,
        LiveSeeds?[] seeds,
        LiveSeeds? ofUser,
        int user = Asking
    ) =>
        model.Score(
            SeededData.Request(user, "r", Enumerable.Range(0, seeds.Length).Select(SeededData.Candidate)),
            new RequestSeeds([.. seeds], ofUser)
        );

    private ServingModel Model(ulong seed = 1, bool reciprocal = false, string name = "Ralm")
    {
        var schema = PlantedData.Schema;
        var both = new FeatureSchema(schema.User, schema.User, schema.Context) { Reciprocal = true };
        var config = SeededData.Config.Clone();
        (config.RandomSeed, config.Model.Model) = (seed, name);
        using var session = new TrainingSession(config, PlantedPeople.Open(reciprocal ? both : null), null, "cpu");
        var model = new ServingModel(session.Checkpoint(0, 0.5, 0.7), "cpu");
        _models.Add(model);
        return model;
    }

    private static string[] Users(int from, int count) => [.. Enumerable.Range(from, count).Select(SeededData.User)];

    private static Seed Seed(string id, int k = 0) =>
        new()
        {
            UserId = id,
            Features = SeededData.Profile(id.Sum(c => c) + k),
            Version = 1,
        };

    /// <summary>Clusters are made by what the model compares: nobody joins this one.</summary>
    private static SeedVector[] FarOff(ServingModel model, int user) =>
        [.. Seen(model, Users(user, 1)).Select(s => s with { Transformed = [.. s.Transformed.Select(_ => 100f)] })];

    private static IReadOnlyList<SeedVector> Seen(ServingModel model, string[] ids) =>
        model.Represent([.. ids.Select(Seed)]);

    private static LiveSeeds Live(ServingModel model, string[] ids) =>
        LiveSeeds.Of(model.Seeded!.RepresentationWidth, model.Seeded.Clusters, 1, Seen(model, ids));
}
