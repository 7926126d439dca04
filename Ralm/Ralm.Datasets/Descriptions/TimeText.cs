using System.Globalization;
using Ralm.Ranking.Schema;

namespace Ralm.Datasets.Descriptions;

/// <summary>
/// Reads a moment as it is declared, or as ISO 8601 says. A date that could be read in two ways, a time without a date and a
/// number that could be of several units are refused: whoever guesses is wrong for somebody.
/// </summary>
public sealed class TimeText
{
    public const string Seconds = "unix_seconds";
    public const string Milliseconds = "unix_milliseconds";
    public const string Microseconds = "unix_microseconds";

    /// <summary>Of a number of seconds, if nothing is declared: from 1990 to 2100 no other unit and no date in digits falls.</summary>
    private static readonly (double From, double To) Obvious = (631_152_000, 4_102_444_800);

    private static readonly DateTimeOffset Earliest = DateTimeOffset.FromUnixTimeSeconds((long)HourOfWeek.Earliest);
    private static readonly DateTimeOffset Latest = DateTimeOffset.FromUnixTimeSeconds((long)HourOfWeek.Latest);

    /// <summary>Of a second: nothing here asks for more.</summary>
    private const int Decimals = 7;

    private static readonly string[] Iso =
    [
        .. from date in (string[])["yyyy-MM-dd"]
        from time in (string[])["", "'T'HH:mm", "' 'HH:mm", "'T'HH:mm:ss.FFFFFFF", "' 'HH:mm:ss.FFFFFFF"]
        from zone in time.Length == 0 ? (string[])[""] : ["", "K", "' 'zzz", "zz"]
        select date + time + zone,
    ];

    private readonly string? _format;

    /// <param name="format">Null: ISO 8601, or obvious seconds since 1970.</param>
    public TimeText(string? format) => _format = format;

    /// <exception cref="FormatException">No format of a date; the message names the key.</exception>
    public static void Check(string key, string? format)
    {
        if (format is null or Seconds or Milliseconds or Microseconds)
        {
            return;
        }

        if (format.Contains('h', StringComparison.Ordinal) && !format.Contains('t', StringComparison.Ordinal))
        {
            throw new FormatException(
                $"{key} \"{format}\" has hours to 12 (h) and no tt to tell morning from evening; hours to 24 are HH"
            );
        }

        if (
            !(
                format.Contains("yy", StringComparison.Ordinal)
                && format.Contains('M', StringComparison.Ordinal)
                && format.Contains('d', StringComparison.Ordinal)
            ) || !Reads(format)
        )
        {
            throw new FormatException(
                $"{key} \"{format}\" must name year, month and day, as in dd/MM/yyyy HH:mm, or be {Seconds}, {Milliseconds} or {Microseconds}"
            );
        }
    }

    /// <summary>With the offset that stands there; without one UTC.</summary>
    /// <returns>Null where the cell is no such moment; <paramref name="why"/> says what it must be.</returns>
    public DateTimeOffset? Read(string cell, out string why)
    {
        var moment = _format switch
        {
            null => Undeclared(cell, out why),
            Seconds => Unit(cell, 1, out why),
            Milliseconds => Unit(cell, 1e3, out why),
            Microseconds => Unit(cell, 1e6, out why),
            _ => Declared(cell, _format, out why),
        };
        if (moment is { } there && (there < Earliest || there >= Latest))
        {
            why = string.Create(
                CultureInfo.InvariantCulture,
                $"is {there.UtcDateTime:yyyy-MM-dd}: must be from 1900 to 2099; what is it in?"
            );
            return null;
        }

        return moment;
    }

    private static DateTimeOffset? Undeclared(string cell, out string why)
    {
        if (Number(cell) is not { } seconds)
        {
            why =
                "must be a date and time as 2024-01-31T17:45:00, or its format must be said, as dd/MM/yyyy or MM/dd/yyyy";
            return Exact(cell, Iso);
        }

        why =
            $"could be of several units: must be a date and time, or the format must be said: {Seconds}, {Milliseconds}, yyyyMMdd";
        return seconds >= Obvious.From && seconds < Obvious.To ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
    }

    private static DateTimeOffset? Declared(string cell, string format, out string why)
    {
        why = $"must be a date as {format}";
        return Exact(cell, [format]);
    }

    private static DateTimeOffset? Unit(string cell, double perSecond, out string why)
    {
        why = "must be a number, in the unit that is declared, from 1900 to 2099";
        return Number(cell) is { } number && Math.Abs(number / perSecond) < Obvious.To
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(number / perSecond * TimeSpan.TicksPerSecond))
            : null;
    }

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;

    private static DateTimeOffset? Exact(string cell, string[] formats) =>
        DateTimeOffset.TryParseExact(
            WithoutNanoseconds(cell.Trim()),
            formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var moment
        )
            ? moment
            : null;

    private static string WithoutNanoseconds(string cell)
    {
        var from = cell.LastIndexOf('.') + 1;
        var to = from;
        while (from > 0 && to < cell.Length && char.IsAsciiDigit(cell[to]))
        {
            to++;
        }

        return to - from is > Decimals and <= Decimals + 2 ? cell.Remove(from + Decimals, to - from - Decimals) : cell;
    }

    /// <summary>What it writes it reads back.</summary>
    private static bool Reads(string format)
    {
        try
        {
            var some = new DateTimeOffset(2024, 11, 23, 0, 0, 0, TimeSpan.Zero);
            return Exact(some.ToString(format, CultureInfo.InvariantCulture), [format]) is { } back
                && back.Date == some.Date;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
