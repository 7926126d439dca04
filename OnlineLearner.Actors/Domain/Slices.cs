using System.IO.Hashing;
using System.Text;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>What a user offers to a lineage: the oldest samples it waits for, as many as fit.</summary>
public static class Slices
{
    /// <param name="after">Samples up to this one are the lineage's already, by its word, whatever the journal says yet.</param>
    /// <param name="maxSamples">At least 1.</param>
    /// <param name="maxBytes">The slice ends before the sample that would exceed it; one sample always fits.</param>
    /// <returns>Null when the lineage waits for nothing.</returns>
    public static OfferSlice? Next(UserState state, string lineageId, long after, int maxSamples, int maxBytes)
    {
        var slice = new OfferSlice
        {
            LineageId = lineageId,
            UserId = state.UserId,
            FromSeq = Math.Max(after, state.LearnedThrough(lineageId)) + 1,
        };
        var bytes = 0;
        foreach (var waiting in state.PendingFor(lineageId).SkipWhile(s => s.SampleSeq < slice.FromSeq))
        {
            var sample = waiting.ToMessage();
            bytes += sample.CalculateSize();
            if (slice.Samples.Count == maxSamples || (bytes > maxBytes && slice.Samples.Count > 0))
            {
                break;
            }

            slice.Samples.Add(sample);
        }

        if (slice.Samples.Count == 0)
        {
            return null;
        }

        slice.ToSeq = slice.Samples[^1].SampleSeq;
        slice.Header = new CommandHeader
        {
            CommandId = CommandId(slice),
            CorrelationId = slice.Samples[^1].Sample.InteractionId,
            CausationId = slice.Samples[^1].Sample.InteractionId,
        };
        return slice;
    }

    /// <summary>The same slice has the same id, however often and from whichever incarnation it is offered.</summary>
    private static string CommandId(OfferSlice slice)
    {
        var name = $"{slice.LineageId} {slice.UserId} {slice.FromSeq} {slice.ToSeq}";
        return $"slice:{XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(name)):x32}";
    }
}
