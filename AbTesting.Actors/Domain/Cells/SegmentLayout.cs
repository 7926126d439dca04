using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Learning;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// A unit's segments as one number: per feature the index of its value, 0 for "other", as digits of mixed radix. That is
/// all a cell keeps of what is known about a unit.
/// </summary>
public sealed class SegmentLayout
{
    public const string Other = "other";

    private readonly ImmutableArray<Segment> _segments;

    public SegmentLayout(IEnumerable<Segment> segments)
    {
        _segments = [.. segments];
        Bytes =
            _segments.IsEmpty ? 0
            : Combinations(_segments) <= 256 ? 1
            : 2;
    }

    /// <summary>Per unit.</summary>
    public int Bytes { get; }

    public int Count => _segments.Length;

    public IEnumerable<Segment> All => _segments;

    /// <summary>Of values, "other" among them.</summary>
    public static int Combinations(IEnumerable<Segment> segments) =>
        segments.Aggregate(1, (product, s) => product * (s.Values.Count + 1));

    public string FeatureOf(int segment) => _segments[segment].Feature;

    /// <summary>The values of a unit with these features, one per segment.</summary>
    public IEnumerable<string> Read(Features? user) => _segments.Select(s => Eligibility.ValueOf(s, user) ?? Other);

    public ushort Encode(IReadOnlyList<string> values)
    {
        var (code, radix) = (0, 1);
        for (var s = 0; s < _segments.Length; s++)
        {
            code += radix * (s < values.Count ? _segments[s].Values.IndexOf(values[s]) + 1 : 0);
            radix *= _segments[s].Values.Count + 1;
        }

        return (ushort)code;
    }

    public string ValueOf(int segment, ushort code)
    {
        var rest = (int)code;
        for (var s = 0; s < segment; s++)
        {
            rest /= _segments[s].Values.Count + 1;
        }

        var digit = rest % (_segments[segment].Values.Count + 1);
        return digit == 0 ? Other : _segments[segment].Values[digit - 1];
    }
}
