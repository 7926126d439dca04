namespace Ralm.Ranking.Schema;

/// <summary>Where a moment stands in its day and in its week, on circles: Sunday night is next to Monday morning.</summary>
public static class HourOfWeek
{
    public const int Width = 5;

    /// <summary>1 January 1900, in seconds since 1970: before it nobody of today did anything.</summary>
    public const double Earliest = -2_208_988_800;

    /// <summary>1 January 2100; from here on a number is in another unit.</summary>
    public const double Latest = 4_102_444_800;

    private const double Day = 24 * 3600;
    private const double Week = 7 * Day;

    // 1 January 1970 was a Thursday; weeks begin on Monday.
    private const double FirstMonday = 3 * Day;

    /// <param name="seconds">Since 1970-01-01 00:00, local time.</param>
    public static void Encode(double seconds, Span<float> target)
    {
        var ofWeek = seconds + FirstMonday;
        ofWeek -= Math.Floor(ofWeek / Week) * Week;
        var (day, week) = (2 * Math.PI * ofWeek / Day, 2 * Math.PI * ofWeek / Week);
        target[0] = (float)Math.Sin(day);
        target[1] = (float)Math.Cos(day);
        target[2] = (float)Math.Sin(week);
        target[3] = (float)Math.Cos(week);
        target[4] = ofWeek >= 5 * Day ? 1 : 0;
    }
}
