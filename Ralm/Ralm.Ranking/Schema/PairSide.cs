namespace Ralm.Ranking.Schema;

/// <summary>One person's part of a pair feature; what is set depends on the pair's kind.</summary>
public sealed record PairSide
{
    public static readonly PairSide Missing = new();

    internal TagBag? Bag { get; init; }

    internal VisitCounts? Visits { get; init; }

    internal GeoPoint? Point { get; init; }

    internal ReadOnlyMemory<float> Slice { get; init; }
}
