using System.Runtime.InteropServices;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Randomness;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// Counts what comes of the same pair more than once. The written columns are read once for every part of the pairs, so that
/// memory holds one part.
/// </summary>
internal static class PairProfiler
{
    private const int RowsOfAPart = 1_000_000;
    private const int Block = 1 << 14;

    /// <param name="isOneTable">Whether equal numbers are the same person.</param>
    public static PairProfile Of(PreparedFiles files, int rows, bool isOneTable, CancellationToken ct)
    {
        var users = Column<int>.Open(files.PathOf(PreparedDataset.UserIndexFile), rows);
        var candidates = Column<int>.Open(files.PathOf(PreparedDataset.CandidateIndexFile), rows);
        var labels = Column<float>.Open(files.PathOf(PreparedDataset.LabelFile), rows);
        var splits = Column<Split>.Open(files.PathOf(PreparedDataset.SplitFile), rows);
        var parts = 1 + (rows / RowsOfAPart);
        var (u, c, l, s) = (new int[Block], new int[Block], new float[Block], new Split[Block]);
        var sum = new PairProfile(rows, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var (anyUser, anyCandidate) = (new HashSet<int>(), new HashSet<int>());
        for (var part = 0; part < parts; part++)
        {
            var pairs = new Dictionary<(int, int), Seen>();
            for (var from = 0; from < rows; from += Block)
            {
                ct.ThrowIfCancellationRequested();
                var n = Math.Min(Block, rows - from);
                users.Read(from, u.AsSpan(0, n));
                candidates.Read(from, c.AsSpan(0, n));
                labels.Read(from, l.AsSpan(0, n));
                splits.Read(from, s.AsSpan(0, n));
                for (var k = 0; k < n; k++)
                {
                    if (RandomStream.Mix((ulong)u[k], (ulong)c[k]) % (ulong)parts == (ulong)part)
                    {
                        CollectionsMarshal.GetValueRefOrAddDefault(pairs, (u[k], c[k]), out _).Add(l[k] > 0.5f, s[k]);
                    }
                }
            }

            foreach (var (user, candidate) in pairs.Keys)
            {
                anyUser.Add(user);
                anyCandidate.Add(candidate);
            }

            var seen = pairs.Values;
            sum = sum with
            {
                Positives = sum.Positives + seen.Sum(p => (long)p.Positives),
                Pairs = sum.Pairs + pairs.Count,
                Repeated = sum.Repeated + seen.Sum(p => (long)p.Rows - 1),
                Contradictory = sum.Contradictory + seen.Count(p => p.Positives > 0 && p.Positives < p.Rows),
                OnBothSides = sum.OnBothSides + seen.Count(p => p is { Trains: true, Tests: > 0 }),
                TestRows = sum.TestRows + seen.Sum(p => (long)p.Tests),
                TestRowsSeenInTraining = sum.TestRowsSeenInTraining + seen.Where(p => p.Trains).Sum(p => (long)p.Tests),
                WithThemselves =
                    sum.WithThemselves
                    + (isOneTable ? pairs.Where(p => p.Key.Item1 == p.Key.Item2).Sum(p => (long)p.Value.Rows) : 0),
            };
        }

        return sum with
        {
            Users = anyUser.Count,
            Candidates = anyCandidate.Count,
        };
    }

    public static IEnumerable<string> Warnings(PairProfile pairs)
    {
        if (pairs.TestRowsSeenInTraining > 0)
        {
            yield return $"pairs: {pairs.TestRowsSeenInTraining:N0} of {pairs.TestRows:N0} test rows are of a user and a candidate that training rows have too";
        }

        if (pairs.Contradictory > 0)
        {
            yield return $"pairs: {pairs.Contradictory:N0} of {pairs.Pairs:N0} pairs have labels of both kinds";
        }

        if (pairs.WithThemselves > 0)
        {
            yield return $"pairs: {pairs.WithThemselves:N0} of {pairs.Rows:N0} rows show a user to themselves";
        }
    }

    private struct Seen
    {
        public int Rows { get; private set; }

        public int Positives { get; private set; }

        public int Tests { get; private set; }

        public bool Trains { get; private set; }

        public void Add(bool isPositive, Split split)
        {
            Rows++;
            Positives += isPositive ? 1 : 0;
            Tests += split == Split.Test ? 1 : 0;
            Trains |= split == Split.Train;
        }
    }
}
