namespace Ralm.Datasets.Descriptions;

/// <summary>
/// Where in time validation and test begin. Rows of one moment stay together, on the later side of a border they stand on:
/// the order in which rows are read decides nothing.
/// </summary>
/// <param name="ValidFrom">Seconds since 1970 of the first validation row.</param>
/// <param name="TestFrom">Of the first test row; infinite where none tests.</param>
public sealed record TimeBorders(double ValidFrom, double TestFrom)
{
    /// <param name="times">Of all rows, in any order; read more than once.</param>
    /// <param name="valid">Share of the rows.</param>
    /// <param name="heldOut">Share of the rows.</param>
    /// <exception cref="FormatException">Too few moments for three parts; the message says why.</exception>
    public static TimeBorders Of(IEnumerable<double> times, double valid, double heldOut)
    {
        var (rows, earliest) = (0L, double.PositiveInfinity);
        foreach (var time in times)
        {
            rows++;
            earliest = Math.Min(earliest, time);
        }

        var (before, train) = (Share(rows, 1 - heldOut), Share(rows, 1 - heldOut - valid));
        if (train == 0 || before == train)
        {
            throw new FormatException($"{rows} rows are too few to train, validate and test by their time");
        }

        var borders = new TimeBorders(
            OrderStatistic.Of(times, train),
            before == rows ? double.PositiveInfinity : OrderStatistic.Of(times, before)
        );
        return borders.ValidFrom > earliest && borders.TestFrom > borders.ValidFrom
            ? borders
            : throw new FormatException("too many rows have the same time: no moment parts them by these shares");
    }

    public Split Of(double time) =>
        time < ValidFrom ? Split.Train
        : time < TestFrom ? Split.Valid
        : Split.Test;

    private static long Share(long rows, double share) => (long)Math.Round(rows * share);
}
