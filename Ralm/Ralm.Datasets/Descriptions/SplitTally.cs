namespace Ralm.Datasets.Descriptions;

/// <summary>Rows per part, and who stands on both sides though the split was to keep them on one.</summary>
public sealed class SplitTally(SplitRule rule)
{
    private readonly long[] _rows = new long[Enum.GetValues<Split>().Length];
    private readonly long[] _positives = new long[Enum.GetValues<Split>().Length];
    private readonly Sides<int> _users = new();
    private readonly Sides<string> _apart = new();

    public long All => _rows.Sum();

    public long Of(Split split) => _rows[(int)split];

    /// <summary>A part whose labels are all alike teaches no order, and has no AUC to stop a training by.</summary>
    public bool IsOfOneLabel(Split split) => _positives[(int)split] is var p && (p == 0 || p == Of(split));

    /// <param name="apart">The cell of <see cref="SplitRule.Apart"/>.</param>
    public void Add(Split split, int user, string apart, float label)
    {
        _rows[(int)split]++;
        _positives[(int)split] += label > 0.5f ? 1 : 0;
        if (rule.Rule == SplitKind.Group)
        {
            _users.Add(user, split);
        }

        if (rule.Apart is not null)
        {
            _apart.Add(apart, split);
        }
    }

    public IEnumerable<string> Warnings()
    {
        if (_users.OnBoth is > 0 and var users)
        {
            yield return $"split: {users:N0} of {_users.Judging:N0} users with test rows have training rows too; groups of column \"{rule.Column}\" share them";
        }

        if (_apart.OnBoth is > 0 and var values)
        {
            yield return $"split: {values:N0} of {_apart.Judging:N0} values of column \"{rule.Apart}\" with test rows have training rows too";
        }
    }

    private sealed class Sides<T>
        where T : notnull
    {
        private readonly Dictionary<T, (bool Trains, bool Judges)> _of = [];

        public int Judging => _of.Values.Count(s => s.Judges);

        public int OnBoth => _of.Values.Count(s => s is { Trains: true, Judges: true });

        public void Add(T value, Split split)
        {
            var (trains, judges) = _of.GetValueOrDefault(value);
            _of[value] = (trains || split == Split.Train, judges || split == Split.Test);
        }
    }
}
