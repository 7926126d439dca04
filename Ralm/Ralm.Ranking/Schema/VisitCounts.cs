using Ralm.Ranking.Randomness;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>
/// How often somebody was where: cells of a map, or any values that are mentioned once per visit. Ready to be laid beside
/// another's: hashes in rising order, and their counts.
/// </summary>
internal sealed class VisitCounts
{
    public const int Numbers = 4;

    private readonly ulong[] _keys;
    private readonly int[] _counts;
    private readonly long _visits;

    private VisitCounts(IEnumerable<(ulong Key, int Count)> visits)
    {
        var ordered = visits.OrderBy(v => v.Key).ToArray();
        (_keys, _counts) = ([.. ordered.Select(v => v.Key)], [.. ordered.Select(v => v.Count)]);
        _visits = _counts.Sum(count => (long)count);
    }

    public static VisitCounts Of(TextList mentions) =>
        new(Bags.Count(mentions).Select(m => (Hashing.Key(m.Key), m.Value)));

    /// <summary>One visit, to the position's cell.</summary>
    public static VisitCounts Of(GeoPoint place) => new([(Hashing.Key(place.CellName), 1)]);

    /// <summary>
    /// Log of the visits that can be matched one to one, log of all pairs of visits to a cell, the share of the rarer
    /// visitor's visits that are matched, log of the matched visits of the cell that has most.
    /// </summary>
    public void Compare(VisitCounts other, Span<double> raw)
    {
        var (matched, meetings, most) = (0L, 0L, 0L);
        var (i, j) = (0, 0);
        while (i < _keys.Length && j < other._keys.Length)
        {
            if (_keys[i] < other._keys[j])
            {
                i++;
            }
            else if (_keys[i] > other._keys[j])
            {
                j++;
            }
            else
            {
                long both = Math.Min(_counts[i], other._counts[j]);
                matched += both;
                most = Math.Max(most, both);
                meetings += (long)_counts[i++] * other._counts[j++];
            }
        }

        var fewer = Math.Min(_visits, other._visits);
        raw[0] = Math.Log(1 + matched);
        raw[1] = Math.Log(1 + meetings);
        raw[2] = fewer == 0 ? 0 : (double)matched / fewer;
        raw[3] = Math.Log(1 + most);
    }
}
