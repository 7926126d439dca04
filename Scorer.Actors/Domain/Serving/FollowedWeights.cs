using System.Runtime.InteropServices;
using RalmActors.Messages.Training;

namespace RalmActors.Scorer.Domain.Serving;

/// <summary>What of a lineage's weights changes online, whole.</summary>
/// <param name="From">Place of the first number among the model's.</param>
public sealed record LearnedWeights(string LineageId, long Rollbacks, long BatchNr, int From, float[] Values);

/// <summary>
/// Puts the pieces of published weights together: they are used whole or not at all. What is older than what there is, or lacks a
/// piece, is passed over; the next publication has all of it.
/// </summary>
public sealed class FollowedWeights
{
    private readonly Dictionary<string, (LearnedWeights Weights, int Received)> _coming = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Rollbacks, long BatchNr)> _known = new(StringComparer.Ordinal);

    /// <summary>The newest weights that are there; (0, 0): none.</summary>
    public (long Rollbacks, long BatchNr) Known(string lineageId) => _known.GetValueOrDefault(lineageId);

    /// <returns>The weights, with their last piece; else null.</returns>
    public LearnedWeights? Add(PublishedWeights piece)
    {
        var version = (piece.Rollbacks, piece.BatchNr);
        if (version.CompareTo(Known(piece.LineageId)) < 0)
        {
            return null;
        }

        var numbers = MemoryMarshal.Cast<byte, float>(piece.Values.Span);
        if (piece.Offset == 0)
        {
            var values = new float[Math.Max(piece.Length, numbers.Length)];
            _coming[piece.LineageId] = (
                new LearnedWeights(piece.LineageId, piece.Rollbacks, piece.BatchNr, piece.From, values),
                0
            );
        }

        if (
            !_coming.TryGetValue(piece.LineageId, out var coming)
            || (coming.Weights.Rollbacks, coming.Weights.BatchNr) != version
            || coming.Received != piece.Offset
            || coming.Received + numbers.Length > coming.Weights.Values.Length
        )
        {
            return null;
        }

        numbers.CopyTo(coming.Weights.Values.AsSpan(coming.Received));
        var received = coming.Received + numbers.Length;
        if (received < coming.Weights.Values.Length)
        {
            _coming[piece.LineageId] = coming with { Received = received };
            return null;
        }

        _coming.Remove(piece.LineageId);
        _known[piece.LineageId] = version;
        return coming.Weights;
    }

    /// <summary>Nobody serves it any more, or whoever did has lost its weights.</summary>
    public void Forget(string lineageId)
    {
        _coming.Remove(lineageId);
        _known.Remove(lineageId);
    }
}
