using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Models.Training;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ServingModelSpecs
{
    /// <summary>Seeds per candidate: none, fewer than clusters, more than clusters, the user who asks alone.</summary>
    private static readonly int[] Seeds = [0, 2, 40, 0, 1, 6];

    private const int Alone = 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_candidate_is_scored_alike_whoever_else_is_asked_for(bool reciprocal)
    {
        var schema = PlantedData.Schema;
        var both = new FeatureSchema(schema.User, schema.User, schema.Context) { Reciprocal = true };
        var data = PlantedPeople.Open(reciprocal ? both : null);
        using var session = new TrainingSession(SeededData.Config, data, null, "cpu");
        using var model = new ServingModel(session.Checkpoint(0, 0.5, 0.7), "cpu");
        var request = SeededData.Request(3, "r-1", Enumerable.Range(0, Seeds.Length).Select(SeededData.Candidate));
        var all = Seeds.Select((n, c) => c == Alone ? Live(model, 3, 1) : Live(model, 100 * c, n)).ToArray();
        var ofUser = reciprocal ? Live(model, 700, 3) : null;

        var scored = model.Score(request, new RequestSeeds([.. all], ofUser));

        for (var k = 0; k < Seeds.Length; k++)
        {
            var one = request.Clone();
            one.Candidates.Clear();
            one.Candidates.Add(request.Candidates[k]);
            // An explanation leaves out nothing and computes every cluster.
            var why = model.Explain(one, new RequestSeeds([all[k]], ofUser), topSeeds: -1);
            Assert.Equal(request.Candidates[k].CandidateId, scored[k].CandidateId);
            Assert.Equal(why.Score, scored[k].Score, 1e-6f);
            Assert.Equal(why.Seeds, scored[k].Seeds);
            Assert.Equal(why.Seeds == 0, scored[k].LookAlike.IsEmpty);
        }
    }

    private static LiveSeeds Live(ServingModel model, int from, int count) =>
        LiveSeeds.Of(
            model.Seeded!.RepresentationWidth,
            model.Seeded.Clusters,
            1,
            model.Represent([
                .. Enumerable
                    .Range(from, count)
                    .Select(k => new Seed { UserId = SeededData.User(k), Features = SeededData.Profile(k) }),
            ])
        );
}
