using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// Samples offered to a lineage and not yet in a batch, in order of arrival, each once however often it was offered.
/// It is memory only: what is lost here, its user still holds and offers again.
/// </summary>
public sealed class BatchAssembler
{
    private readonly Queue<(string UserId, BufferedSample Sample)> _samples = new();
    private readonly Dictionary<string, long> _queuedThrough = new(StringComparer.Ordinal);

    public int Count => _samples.Count;

    /// <summary>Takes in what neither the journal nor this intake has. The offer must have passed the screening.</summary>
    public void Add(OfferSlice offer, LineageState state)
    {
        var through = Math.Max(state.MarkOf(offer.UserId), _queuedThrough.GetValueOrDefault(offer.UserId));
        foreach (var sample in offer.Samples.Where(s => s.SampleSeq > through))
        {
            _samples.Enqueue((offer.UserId, sample));
        }

        _queuedThrough[offer.UserId] = Math.Max(through, offer.ToSeq);
    }

    /// <summary>
    /// Up to <paramref name="batches"/> mini-batches of the lineage's batch size, oldest samples first. A mark moves to
    /// what is in a batch.
    /// </summary>
    /// <param name="partial">Whether the last batch may be smaller.</param>
    public Decision Cut(LineageState state, int batches, bool partial)
    {
        var size = state.Settings.BatchSize;
        var events = new List<IEvent>();
        for (var nr = state.BatchesAccepted + 1; events.Count < batches; nr++)
        {
            if (_samples.Count == 0 || (_samples.Count < size && !partial))
            {
                break;
            }

            events.Add(CutOne(nr, size));
        }

        return new Decision([.. events]);
    }

    /// <summary>Everything is forgotten: the lineage closed, or its journal refused a batch.</summary>
    public void Clear()
    {
        _samples.Clear();
        _queuedThrough.Clear();
    }

    private BatchAccepted CutOne(long batchNr, int size)
    {
        var batch = new BatchAccepted { BatchNr = batchNr };
        var marks = new SortedDictionary<string, long>(StringComparer.Ordinal);
        while (batch.Samples.Count < size && _samples.TryDequeue(out var next))
        {
            batch.Samples.Add(next.Sample.Sample);
            batch.SampleSeqs.Add(next.Sample.SampleSeq);
            marks[next.UserId] = next.Sample.SampleSeq;
            if (_queuedThrough[next.UserId] <= marks[next.UserId])
            {
                _queuedThrough.Remove(next.UserId);
            }
        }

        batch.Marks.AddRange(marks.Select(m => new UserMark { UserId = m.Key, ThroughSeq = m.Value }));
        return batch;
    }
}
