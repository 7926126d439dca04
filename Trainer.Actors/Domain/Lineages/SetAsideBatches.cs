using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>Batches that could not be learned: all are counted, the newest are told by name.</summary>
public sealed record SetAsideBatches(long Batches, long Samples, ImmutableList<SetAsideBatch> Newest)
{
    /// <summary>An answer must fit a remoting frame of 128,000 bytes, with ids of 128 characters.</summary>
    public const int MaxNewest = 8;

    public const int MaxNamedSamples = 32;

    public static readonly SetAsideBatches None = new(0, 0, []);

    /// <summary>What is journaled of a batch; the journal names all of its samples.</summary>
    public static BatchSetAside Of(BatchAccepted batch, string reason) =>
        new()
        {
            BatchNr = batch.BatchNr,
            Reason = reason,
            Samples =
            {
                batch.Samples.Select(
                    (s, k) =>
                        new SetAsideSample
                        {
                            UserId = s.UserId,
                            SampleSeq = batch.SampleSeqs.ElementAtOrDefault(k),
                            InteractionId = s.InteractionId,
                        }
                ),
            },
        };

    public SetAsideBatches With(BatchSetAside e)
    {
        var told = new SetAsideBatch
        {
            BatchNr = e.BatchNr,
            Reason = e.Reason,
            At = e.Header?.At,
            SampleCount = e.Samples.Count,
            Samples = { e.Samples.Take(MaxNamedSamples) },
        };
        var newest = Newest.Add(told);
        return new SetAsideBatches(
            Batches + 1,
            Samples + e.Samples.Count,
            newest.Count > MaxNewest ? newest.RemoveAt(0) : newest
        );
    }
}
