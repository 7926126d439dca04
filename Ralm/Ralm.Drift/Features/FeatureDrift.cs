using System.Collections.Immutable;
using Ralm.Drift.State;
using Ralm.Ranking.Statistics;

namespace Ralm.Drift.Features;

/// <summary>
/// Do the rows that come still look like the rows a model was trained on? Column by column, over a window of the newest rows.
/// Immutable and bounded: it knows how many rows fell in which bin, and no row.
/// </summary>
public sealed record FeatureDrift
{
    private const int FormatVersion = 1;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public FeatureDrift(ImmutableArray<ColumnProfile> columns, FeatureDriftOptions? options = null)
    {
        Options = options ?? new FeatureDriftOptions();
        if (Options.Wrong() is { } wrong)
        {
            throw new ArgumentOutOfRangeException(nameof(options), wrong);
        }

        Columns = columns;
        Windows = [.. columns.Select(c => BinWindow.Empty(c.Counts.Length))];
    }

    public FeatureDriftOptions Options { get; }

    public ImmutableArray<ColumnProfile> Columns { get; }

    /// <summary>Rows seen since the start.</summary>
    public long Rows { get; private init; }

    /// <summary>Rows that are compared: the newest of those seen.</summary>
    public long RowsInWindow { get; private init; }

    private ImmutableArray<BinWindow> Windows { get; init; }

    /// <param name="row">A value for each of <see cref="Columns"/>, in order.</param>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public FeatureDrift See(ReadOnlySpan<ColumnValue> row)
    {
        if (row.Length != Columns.Length)
        {
            throw new ArgumentException($"{row.Length} values for {Columns.Length} columns", nameof(row));
        }

        var isFull = (Rows + 1) % Options.BlockRows == 0;
        var windows = ImmutableArray.CreateBuilder<BinWindow>(row.Length);
        for (var column = 0; column < row.Length; column++)
        {
            var window = Windows[column].Add(Columns[column].BinOf(row[column]));
            windows.Add(isFull ? window.Turn(FeatureDriftOptions.Blocks - 1) : window);
        }

        var forgets = isFull && RowsInWindow + 1 == (long)FeatureDriftOptions.Blocks * Options.BlockRows;
        return this with
        {
            Windows = windows.MoveToImmutable(),
            Rows = Rows + 1,
            RowsInWindow = RowsInWindow + 1 - (forgets ? Options.BlockRows : 0),
        };
    }

    /// <summary>Every column; below the least sample their levels say nothing.</summary>
    public ImmutableArray<ColumnDrift> Report()
    {
        var counts = Windows.Select(w => w.Counts()).ToArray();
        var tests = Columns.Zip(counts, (column, now) => ShareTest.Of(column.Counts.AsSpan(), now)).ToArray();
        var adjusted = Multiplicity.Holm([.. tests.Select(t => t.PValue)]);
        return
        [
            .. Columns.Select(
                (column, k) =>
                    new ColumnDrift(
                        column.Name,
                        tests[k].Index,
                        tests[k].PValue,
                        adjusted[k],
                        RowsInWindow,
                        Share(counts[k], column.MissingBin),
                        Share(counts[k], column.UnknownBin),
                        Share([.. column.Counts], column.MissingBin),
                        Share([.. column.Counts], column.UnknownBin),
                        RowsInWindow < Options.LeastSample
                            ? DriftLevel.None
                            : tests[k].Level(adjusted[k], Options.Alpha)
                    )
            ),
        ];
    }

    /// <summary>Profiles, options and window.</summary>
    public byte[] Save()
    {
        var state = new StateWriter();
        state.Count(FormatVersion);
        state.Count(Options.Window);
        state.Number(Options.Alpha);
        state.Count(Options.LeastSample);
        state.Count(Rows);
        state.Count(RowsInWindow);
        state.Count(Columns.Length);
        foreach (var (column, window) in Columns.Zip(Windows))
        {
            column.Write(state);
            window.Write(state);
        }

        return state.ToArray();
    }

    /// <exception cref="InvalidDataException">Not bytes of <see cref="Save"/>.</exception>
    public static FeatureDrift Load(ReadOnlyMemory<byte> bytes)
    {
        var state = new StateReader(bytes);
        if (state.Count() is var version && version != FormatVersion)
        {
            throw StateReader.Broken($"format {version}, and {FormatVersion} is known");
        }

        var options = new FeatureDriftOptions(
            (int)state.Count(int.MaxValue),
            state.Number(),
            (int)state.Count(int.MaxValue)
        );
        var (rows, inWindow) = (state.Count(), state.Count());
        var columns = state.Many(() =>
        {
            var profile = ColumnProfile.Read(state);
            return (Profile: profile, Window: BinWindow.Read(state, profile.Counts.Length));
        });
        state.End();
        try
        {
            return new FeatureDrift([.. columns.Select(c => c.Profile)], options)
            {
                Rows = rows,
                RowsInWindow = inWindow,
                Windows = [.. columns.Select(c => c.Window)],
            };
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw StateReader.Broken(e.Message);
        }
    }

    private static double Share(long[] counts, int bin) =>
        bin < 0 || counts.Sum() is not (> 0 and var rows) ? 0 : (double)counts[bin] / rows;
}
