using Ralm.Ranking.Online;

namespace Ralm.Drift.TestThenTrain;

/// <summary>A row with what the frozen base said of it and what came of it.</summary>
internal readonly record struct LearnedRow(OnlineRow Row, double Frozen, double Label);

/// <summary>The newest rows, so many at most.</summary>
internal sealed class RecentRows(int most)
{
    private readonly Queue<LearnedRow> _rows = [];

    public void Add(LearnedRow row)
    {
        if (_rows.Count == most)
        {
            _rows.Dequeue();
        }

        _rows.Enqueue(row);
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<LearnedRow> Newest(long count) => _rows.Skip((int)Math.Max(0, _rows.Count - count));
}
