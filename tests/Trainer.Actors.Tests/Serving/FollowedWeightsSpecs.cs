using System.Runtime.InteropServices;
using Google.Protobuf;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>Published weights come in pieces, and are used whole or not at all.</summary>
public sealed class FollowedWeightsSpecs
{
    private readonly FollowedWeights _weights = new();

    [Fact]
    public void They_are_there_with_their_last_piece()
    {
        Assert.Null(_weights.Add(Piece(7, 0, [1, 2], of: 3)));
        Assert.Equal((0, 0), _weights.Known("l"));

        var whole = _weights.Add(Piece(7, 2, [3], of: 3))!;

        Assert.Equal(("l", 7L, 100), (whole.LineageId, whole.BatchNr, whole.From));
        Assert.Equal([1, 2, 3], whole.Values);
        Assert.Equal((0, 7), _weights.Known("l"));
    }

    [Fact]
    public void A_publication_that_lacks_a_piece_is_passed_over_and_the_next_one_is_whole()
    {
        _weights.Add(Piece(7, 0, [1, 2], of: 6));

        Assert.Null(_weights.Add(Piece(7, 4, [5, 6], of: 6)));
        Assert.Null(_weights.Add(Piece(8, 2, [3, 4], of: 6)));
        Assert.Equal([9], _weights.Add(Piece(9, 0, [9], of: 1))!.Values);
    }

    [Fact]
    public void Older_ones_change_nothing_and_those_after_a_rollback_are_newer_than_any_before_it()
    {
        _weights.Add(Piece(7, 0, [1], of: 1));

        Assert.Null(_weights.Add(Piece(6, 0, [2], of: 1)));
        Assert.NotNull(_weights.Add(Piece(7, 0, [3], of: 1, rollbacks: 1)));
        Assert.Null(_weights.Add(Piece(8, 0, [4], of: 1)));
        Assert.Equal((1, 7), _weights.Known("l"));
    }

    [Fact]
    public void More_numbers_than_were_announced_are_passed_over()
    {
        _weights.Add(Piece(7, 0, [1, 2], of: 3));

        Assert.Null(_weights.Add(Piece(7, 2, [3, 4], of: 3)));
    }

    private static PublishedWeights Piece(long batchNr, int offset, float[] values, int of, long rollbacks = 0) =>
        new()
        {
            LineageId = "l",
            BatchNr = batchNr,
            Rollbacks = rollbacks,
            From = 100,
            Length = of,
            Offset = offset,
            Values = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
}
