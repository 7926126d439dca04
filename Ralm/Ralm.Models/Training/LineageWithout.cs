using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <summary>A checkpoint whose weights have learned of a person.</summary>
/// <param name="ArtifactHash">Versions with this artefact have, too.</param>
public sealed record TouchedCheckpoint(long BatchNr, string ArtifactHash);

/// <summary>A lineage as it would be, had a person never been in it.</summary>
/// <param name="Samples">Of the person, or with the person as candidate, in batches that were learned.</param>
/// <param name="FirstBatch">That held one; 0: none did.</param>
/// <param name="LastBatch">That held one.</param>
/// <param name="CleanBatch">Of the checkpoint that it was learned anew from; 0: the version the lineage started from.</param>
/// <param name="Touched">Checkpoints since the first such batch.</param>
/// <param name="ArtifactHash">Of the model without the person, in the store; null: nothing had to be made.</param>
public sealed record LineageWithoutPerson(
    string UserId,
    long Samples,
    long FirstBatch,
    long LastBatch,
    long CleanBatch,
    IReadOnlyList<TouchedCheckpoint> Touched,
    string? ArtifactHash,
    string? WeightsHash
);

/// <summary>Learns a lineage anew from its journal, from the last checkpoint before a person, without that person's samples.</summary>
public static class LineageWithout
{
    /// <param name="journal">All events of the lineage, in order.</param>
    /// <exception cref="InvalidDataException">It does not begin with an opening.</exception>
    /// <exception cref="ArtifactException">The version it started from is gone.</exception>
    public static LineageWithoutPerson Run(
        IReadOnlyCollection<IEvent> journal,
        string userId,
        ArtifactStore store,
        string device = "cpu"
    )
    {
        var opened =
            journal.OfType<LineageOpened>().FirstOrDefault()
            ?? throw new InvalidDataException("the journal has no opening: there is no such lineage");
        var passed = new PassedBatches(journal);
        var held = journal.OfType<BatchAccepted>().Where(b => passed.SamplesOf(b).Any(s => IsOf(s, userId))).ToArray();
        if (held.Length == 0)
        {
            return new LineageWithoutPerson(userId, 0, 0, 0, 0, [], null, null);
        }

        var first = held[0].BatchNr;
        var checkpoints = journal.OfType<LineageCheckpointed>().Where(c => !passed.IsUndone(c.BatchNr)).ToArray();
        var (clean, artifact) = Clean(checkpoints.Where(c => c.BatchNr < first), store);
        using var training = new LineageTraining(
            artifact ?? store.Load(opened.Base),
            opened.Base.Hash,
            SettingsBehind(journal, opened, clean),
            clean,
            device,
            artifact is null ? LineageStart.Base : LineageStart.Checkpoint,
            () => store.Load(opened.Base)
        );
        foreach (var e in journal)
        {
            switch (e)
            {
                case BatchAccepted batch when batch.BatchNr > clean:
                    training.Apply(batch.BatchNr, [.. passed.SamplesOf(batch).Where(s => !IsOf(s, userId))]);
                    break;
                case LineageTuned tuned when tuned.BatchNr >= clean:
                    training.Change(tuned.Settings);
                    break;
                case LineageRolledBack back when back.BatchNr > clean:
                    training.EndReaction();
                    break;
            }
        }

        var made = store.Save(training.Checkpoint());
        return new LineageWithoutPerson(
            userId,
            held.Sum(b => passed.SamplesOf(b).LongCount(s => IsOf(s, userId))),
            first,
            held[^1].BatchNr,
            clean,
            [
                .. checkpoints
                    .Where(c => c.BatchNr >= first)
                    .Select(c => new TouchedCheckpoint(c.BatchNr, c.Checkpoint.Hash)),
            ],
            made.Hash,
            made.WeightsHash
        );
    }

    private static bool IsOf(Sample sample, string userId) => sample.UserId == userId || sample.CandidateId == userId;

    /// <summary>The newest whose file is there; 0 and null: none.</summary>
    private static (long BatchNr, ModelArtifact? Artifact) Clean(
        IEnumerable<LineageCheckpointed> checkpoints,
        ArtifactStore store
    )
    {
        foreach (var checkpoint in checkpoints.Reverse())
        {
            try
            {
                return (checkpoint.BatchNr, store.Load(checkpoint.Checkpoint));
            }
            catch (Exception e) when (e is ArtifactException or IOException)
            {
                // Swept, or damaged: the one before it will do.
            }
        }

        return (0, null);
    }

    private static LineageSettings SettingsBehind(
        IReadOnlyCollection<IEvent> journal,
        LineageOpened opened,
        long batchNr
    ) => journal.OfType<LineageTuned>().LastOrDefault(t => t.BatchNr < batchNr)?.Settings ?? opened.EffectiveSettings;
}
