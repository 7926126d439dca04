using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Counts by row and column, and whether rows and columns are independent.</summary>
public sealed class ContingencyTable
{
    private readonly double[,] _counts;
    private readonly double[] _rows;
    private readonly double[] _columns;

    /// <exception cref="ArgumentException">No cell, or a cell that is negative or not a number.</exception>
    public ContingencyTable(double[,] counts)
    {
        if (counts.Length == 0)
        {
            throw new ArgumentException("a table needs at least one cell", nameof(counts));
        }

        _counts = counts;
        _rows = new double[counts.GetLength(0)];
        _columns = new double[counts.GetLength(1)];
        for (var r = 0; r < _rows.Length; r++)
        {
            for (var c = 0; c < _columns.Length; c++)
            {
                if (!(counts[r, c] >= 0))
                {
                    throw new ArgumentException($"cell [{r},{c}] is {counts[r, c]}: must be 0 or more", nameof(counts));
                }

                _rows[r] += counts[r, c];
                _columns[c] += counts[r, c];
                Total += counts[r, c];
            }
        }
    }

    public double Total { get; }

    /// <summary>Count expected when rows and columns are independent.</summary>
    public double Expected(int row, int column) => Total == 0 ? 0 : _rows[row] * _columns[column] / Total;

    public double SmallestExpected => _rows.Min() * _columns.Min() / Math.Max(1, Total);

    /// <summary>Pearson 1900. An empty row or column says nothing: p = 1.</summary>
    public ChiSquareTest Pearson() => Test(_ => 0);

    /// <summary>
    /// Yates 1934: each deviation shrinks by 1/2, but not past zero. For 2 × 2 tables; larger ones are left as they are.
    /// </summary>
    public ChiSquareTest Yates() =>
        _rows.Length == 2 && _columns.Length == 2 ? Test(deviation => Math.Min(0.5, deviation)) : Pearson();

    /// <summary>√(χ²/N) of a 2 × 2 table.</summary>
    public double Phi => Total == 0 ? 0 : Math.Sqrt(Pearson().Statistic / Total);

    /// <summary>Cramér 1946: √(χ²/N / (min(r, c) - 1)), 0 to 1.</summary>
    public double CramersV => Association(Math.Min(_rows.Length, _columns.Length) - 1);

    /// <summary>Pearson 1904: √(χ² / (χ² + N)), 0 to below 1.</summary>
    public double PearsonsC =>
        Pearson().Statistic is var statistic && statistic + Total > 0 ? Math.Sqrt(statistic / (statistic + Total)) : 0;

    /// <summary>Tschuprow 1925: √(χ²/N / √((r - 1)(c - 1))), 0 to 1.</summary>
    public double TschuprowsT => Association(Math.Sqrt((double)(_rows.Length - 1) * (_columns.Length - 1)));

    private double Association(double divisor) =>
        Total == 0 || divisor <= 0 ? 0 : Math.Sqrt(Pearson().Statistic / Total / divisor);

    private ChiSquareTest Test(Func<double, double> shrink)
    {
        var df = (_rows.Length - 1) * (_columns.Length - 1);
        if (df == 0 || _rows.Min() == 0 || _columns.Min() == 0)
        {
            return new ChiSquareTest(0, 1, df);
        }

        var statistic = 0.0;
        for (var r = 0; r < _rows.Length; r++)
        {
            for (var c = 0; c < _columns.Length; c++)
            {
                var expected = Expected(r, c);
                var deviation = Math.Abs(_counts[r, c] - expected);
                deviation -= shrink(deviation);
                statistic += deviation * deviation / expected;
            }
        }

        return new ChiSquareTest(statistic, Tails.ChiSquare(df, statistic), df);
    }
}
