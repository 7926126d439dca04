using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <summary>Of a lineage's journal, the batches that a replay does not learn: set aside, or undone by a rollback.</summary>
internal sealed class PassedBatches(IReadOnlyCollection<IEvent> journal)
{
    private readonly HashSet<long> _aside = [.. journal.OfType<BatchSetAside>().Select(e => e.BatchNr)];
    private readonly LineageRolledBack[] _undone = [.. journal.OfType<LineageRolledBack>()];

    public bool IsAside(long batchNr) => _aside.Contains(batchNr);

    public bool IsUndone(long batchNr) => _undone.Any(u => u.Undoes(batchNr));

    /// <summary>Those to be learned.</summary>
    public IReadOnlyList<Sample> SamplesOf(BatchAccepted batch) =>
        IsAside(batch.BatchNr) || IsUndone(batch.BatchNr) ? [] : batch.Samples;
}
