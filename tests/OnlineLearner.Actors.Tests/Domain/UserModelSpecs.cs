using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class UserModelSpecs
{
    private static readonly string[] Lineages = ["champion", "exp-1/a", "exp-1/b"];

    [Fact]
    public void A_user_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<UserState>("u-1", Next) { Invariant = BufferHoldsExactlyWhatIsNotLearned }.Check();

    private static ICommand Next(Random random, UserState state, int nr) =>
        random.Next(12) switch
        {
            0 => new UpdateProfile
            {
                Header = Header(nr),
                UserId = state.UserId,
                Profile = Given.Features(("age", random.Next(20, 30))),
            },
            1 => Given.Interaction($"c-{nr}", label: 2),
            < 6 => Given.Interaction(
                $"c-{nr}",
                label: random.Next(3) / 2f,
                lineages: random.GetItems(Lineages, random.Next(4))
            ),
            6 => Seed(random.Next(6), random.Next(1, 9)),
            7 => Given.Seeds(
                [.. Enumerable.Range(0, 3).Select(_ => ($"s-{random.Next(6)}", random.Next(60)))],
                keep: 4
            ),
            _ => new DeliveryAcknowledged
            {
                Header = Header(nr),
                UserId = state.UserId,
                Destination = random.Next(4) is < 3 and var i ? Lineages[i] : SeedOutbox.Destination,
                ThroughSeq = random.NextInt64(state.LastSeq + 2),
                Discarded = random.Next(8) == 0,
            },
        };

    private static AddSeed Seed(int user, int seq) => Given.Seed($"s-{user}", seq, at: (seq * 7) + (user % 3), keep: 4);

    private static CommandHeader Header(int nr) => new() { CommandId = $"c-{nr}" };

    private static void BufferHoldsExactlyWhatIsNotLearned(UserState state, IReadOnlyList<IEvent> journal)
    {
        var accepted = journal.OfType<InteractionRecorded>().ToList();
        Assert.Equal(Enumerable.Range(1, accepted.Count).Select(i => (long)i), accepted.Select(e => e.SampleSeq));
        var told = journal.OfType<SliceReleased>().Where(e => e.Alone).Select(e => e.ThroughSeq).ToHashSet();
        var untold = accepted.Where(e => e.TellsCandidate && !told.Contains(e.SampleSeq)).ToList();
        var pending = accepted.Where(e =>
            untold.Contains(e) || e.LineageIds.Any(id => state.LearnedThrough(id) < e.SampleSeq)
        );
        Assert.Equal(pending.Select(e => e.SampleSeq), state.Buffer.Select(s => s.SampleSeq));
        Assert.Equal(state.HasPending, state.PendingLineages.Any() || state.Untold.Count > 0);
        Assert.Equal(
            untold
                .CountBy(e => e.Sample.CandidateId, StringComparer.Ordinal)
                .OrderBy(c => c.Key, StringComparer.Ordinal),
            state.Untold
        );
        Assert.All(state.Marks, m => Assert.Equal(state.PendingFor(m.Key).Count(), m.Value.Waiting));
        foreach (var lineage in Lineages)
        {
            var marks = journal
                .OfType<SliceReleased>()
                .Where(e => e.LineageId == lineage)
                .Select(e => e.ThroughSeq)
                .ToList();
            Assert.Equal(marks.Order().Distinct(), marks);
        }

        Assert.Equal(told.Count, journal.OfType<SliceReleased>().Count(e => e.Alone));
        // A seed that was let go for newer ones has not come back, whatever was repeated or came late.
        var oneByOne = journal.OfType<SeedAdded>().Select(e => e.Seed).ToList();
        var inBulk = journal.OfType<SeedsAdded>().SelectMany(e => e.Seeds).ToList();
        Assert.Equal(oneByOne.Count + inBulk.Count, state.Audience.Version);
        Assert.Equal(oneByOne.Count, oneByOne.Select(s => (s.UserId, s.SampleSeq)).Distinct().Count());
        Assert.Equal(inBulk.Count, inBulk.Select(s => (s.UserId, s.At)).Distinct().Count());
        Assert.True(state.Audience.Count <= 4);
    }
}
