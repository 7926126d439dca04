using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class ExactlyOnceSpecs
{
    [Fact]
    public void Whatever_is_lost_repeated_reordered_or_crashes_every_accepted_sample_is_in_one_batch_per_lineage() =>
        Seeds.ForEach(seed =>
        {
            var world = new LossyWorld(new Random(seed));
            for (var step = 0; step < 400; step++)
            {
                world.Step(step);
                foreach (var (_, batches) in world.Lineages)
                {
                    NoSampleTwice(batches);
                }
            }

            world.Heal();

            Assert.All(world.Users, user => Assert.False(user.HasPending));
            EveryCandidateKnowsWhoResponded(world);
            foreach (var (lineageId, batches) in world.Lineages)
            {
                NoSampleTwice(batches);
                MarksOnlyGrow(batches);
                var meant = world
                    .Acknowledged.Where(c =>
                        c.LineageIds.Contains(lineageId) || (c.LineageIds.Count == 0 && lineageId == "champion")
                    )
                    .Select(c => c.Header.CommandId);
                Assert.Equal(
                    meant.Order(StringComparer.Ordinal),
                    batches.SelectMany(b => b.Samples).Select(s => s.InteractionId).Order(StringComparer.Ordinal)
                );
            }
        });

    private static void EveryCandidateKnowsWhoResponded(LossyWorld world)
    {
        foreach (var candidate in world.Users)
        {
            var positive = world.Acknowledged.Where(c => c.CandidateId == candidate.UserId && c.Label == 1).ToList();
            Assert.Equal(
                positive.Select(c => c.UserId).Distinct().Order(StringComparer.Ordinal),
                candidate.Audience.Seeds.Select(s => s.UserId)
            );
            Assert.Equal(positive.Count, candidate.Audience.Version);
        }
    }

    private static void NoSampleTwice(IReadOnlyList<BatchAccepted> batches)
    {
        var ids = batches.SelectMany(b => b.Samples).Select(s => s.InteractionId).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
    }

    private static void MarksOnlyGrow(IReadOnlyList<BatchAccepted> batches)
    {
        foreach (var marks in batches.SelectMany(b => b.Marks).GroupBy(m => m.UserId, StringComparer.Ordinal))
        {
            var seqs = marks.Select(m => m.ThroughSeq).ToList();
            Assert.Equal(seqs.Order().Distinct(), seqs);
        }
    }
}
