using Ralm.Ranking.Online;

namespace Ralm.Drift.TestThenTrain;

/// <summary>A row with what the frozen base said of it and what came of it.</summary>
internal readonly record struct LearnedRow(OnlineRow Row, double Frozen, double Label);

/// <summary>The newest rows, so many at most.</summary>
internal sealed class RecentRows(int most)
{
    private readonly List<LearnedRow> _rows = [];
    private int _oldest;

    public int Count => _rows.Count;

    /// <param name="age">0: the newest.</param>
    public LearnedRow this[int age] => _rows[(_oldest + _rows.Count - 1 - age) % _rows.Count];

    public void Add(LearnedRow row)
    {
        if (_rows.Count < most)
        {
            _rows.Add(row);
            return;
        }

        _rows[_oldest] = row;
        _oldest = (_oldest + 1) % most;
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<LearnedRow> Newest(long count)
    {
        for (var age = (int)Math.Min(count, Count) - 1; age >= 0; age--)
        {
            yield return this[age];
        }
    }
}
