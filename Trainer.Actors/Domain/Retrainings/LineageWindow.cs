using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Retrainings;

/// <summary>
/// The newest samples of a lineage's journal, and how many of them lie behind a change. What could not be learned is left out;
/// what was rolled back is not: it has happened.
/// </summary>
/// <param name="since">Samples of batches behind this one lie behind the change.</param>
/// <param name="most">Samples that are kept.</param>
public sealed class LineageWindow(long since, int most)
{
    private readonly Queue<(long BatchNr, Sample Sample)> _kept = [];

    /// <summary>All that the lineage has accepted.</summary>
    public long Accepted { get; private set; }

    public LineageOpened? Opened { get; private set; }

    private int Behind => _kept.Count(k => k.BatchNr > since);

    public LineageWindow Add(IEvent e)
    {
        switch (e)
        {
            case LineageOpened opened:
                Opened = opened;
                break;
            case BatchAccepted batch:
                Accepted += batch.Samples.Count;
                foreach (var sample in batch.Samples)
                {
                    _kept.Enqueue((batch.BatchNr, sample));
                    if (_kept.Count > most)
                    {
                        _kept.Dequeue();
                    }
                }

                break;
            case BatchSetAside aside:
                var others = _kept.Where(k => k.BatchNr != aside.BatchNr).ToArray();
                _kept.Clear();
                foreach (var other in others)
                {
                    _kept.Enqueue(other);
                }

                break;
        }

        return this;
    }

    /// <summary>Those behind the change where they are enough.</summary>
    /// <param name="mayGrow">More may come.</param>
    public WindowRows Take(int wanted, bool mayGrow)
    {
        var behind = Behind;
        var take = behind >= wanted ? behind : Math.Min(wanted, _kept.Count);
        return behind < wanted && (mayGrow || _kept.Count < wanted)
            ? new WindowRows([], behind, 0, 0, wanted - (mayGrow ? behind : _kept.Count))
            : Rows([.. _kept.Skip(_kept.Count - take)], behind);
    }

    private static WindowRows Rows((long BatchNr, Sample Sample)[] taken, int behind) =>
        new([.. taken.Select(t => t.Sample)], behind, taken[0].BatchNr, taken[^1].BatchNr, 0);
}

/// <summary>What a model is trained anew on.</summary>
/// <param name="Samples">In the order in which they were accepted; empty: they are not enough.</param>
/// <param name="Since">Of these, or of what there is, behind the change.</param>
/// <param name="FirstBatchNr">Batch of the first of them.</param>
/// <param name="LastBatchNr">And of the last.</param>
/// <param name="Lacking">Samples that are lacking; 0: none.</param>
public sealed record WindowRows(
    IReadOnlyList<Sample> Samples,
    int Since,
    long FirstBatchNr,
    long LastBatchNr,
    int Lacking
);
