using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

public class LineageModelSpecs
{
    [Fact]
    public void A_lineage_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<LineageState>("champion", Next)
        {
            Effect = OfTheTrainer,
            Invariant = EverySampleIsInOneBatch,
        }.Check();

    private static ICommand Next(Random random, LineageState state, int nr) =>
        random.Next(20) switch
        {
            0 or 1 => Given.Open(),
            2 => Given.Open(batchSize: 5),
            3 when random.Next(6) == 0 => new CloseLineage { Header = Header(nr), LineageId = "champion" },
            4 => new CheckpointLineage { Header = Header(nr), LineageId = "champion" },
            _ => Offer(random, state),
        };

    // Any range near the mark: overlapping, already learned, or with a gap before it.
    private static OfferSlice Offer(Random random, LineageState state)
    {
        var user = $"u-{random.Next(3)}";
        var from = Math.Max(1, state.MarkOf(user) + random.Next(-4, 3));
        var to = from + random.Next(10);
        var seqs = Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i);
        return Given.Offer(user, from, seqs.Where(seq => seq == to || seq % 3 != 0));
    }

    private static Decision? OfTheTrainer(Random random, LineageState state) =>
        state.Opened is null ? null
        : random.Next(2) == 0 ? state.Diverged(state.CheckpointBatchNr + random.Next(4), "a spec")
        : state.Checkpointed(Given.Artifact(random.Next(1000)), state.BatchesAccepted - random.Next(2), 0.5, 0);

    private static CommandHeader Header(int nr) => new() { CommandId = $"c-{nr}" };

    private static void EverySampleIsInOneBatch(LineageState state, IReadOnlyList<IEvent> journal)
    {
        var batches = journal.OfType<BatchAccepted>().ToList();
        Assert.Equal(Enumerable.Range(1, batches.Count).Select(i => (long)i), batches.Select(b => b.BatchNr));
        Assert.All(batches, b => Assert.InRange(b.Samples.Count, 1, state.Settings.BatchSize));
        var samples = batches.SelectMany(b => b.Samples).Select(s => s.InteractionId).ToList();
        Assert.Equal(samples.Distinct(StringComparer.Ordinal).Count(), samples.Count);
        Assert.Equal(state.SamplesAccepted, samples.Count);
        Assert.Equal(
            batches.Where(b => b.BatchNr > state.CheckpointBatchNr).Select(b => b.BatchNr),
            state.SinceCheckpoint.Select(b => b.BatchNr)
        );
        EverySampleIsAccountedFor(state, journal);
    }

    private static void EverySampleIsAccountedFor(LineageState state, IReadOnlyList<IEvent> journal)
    {
        var aside = journal.OfType<BatchSetAside>().ToList();
        var numbers = aside.Select(e => e.BatchNr).ToHashSet();
        Assert.Equal(numbers.Count, aside.Count);
        Assert.Equal((aside.Count, aside.Sum(e => e.Samples.Count)), (state.SetAside.Batches, state.SetAside.Samples));
        Assert.Equal(
            aside.TakeLast(SetAsideBatches.MaxNewest).Select(e => e.BatchNr),
            state.SetAside.Newest.Select(b => b.BatchNr)
        );
        Assert.Equal(
            journal
                .OfType<BatchAccepted>()
                .Where(b => b.BatchNr <= state.CheckpointBatchNr && !numbers.Contains(b.BatchNr))
                .Sum(b => b.Samples.Count),
            state.LearnedAtCheckpoint
        );
        Assert.All(state.SinceCheckpoint, b => Assert.Equal(numbers.Contains(b.BatchNr), b.Samples.Count == 0));
    }
}
