namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// The fewest decimal places that every number of a column has. What people and text formats write (0.07, 42.298) has
/// few, though its binary fraction never ends.
/// </summary>
public static class DecimalScale
{
    public const int MaxPlaces = 9;

    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>
    /// False when a value has more places than <see cref="MaxPlaces"/>, or is no decimal at all. Both the whole number
    /// and the power of ten are exact below 2^53, so their quotient is the value again, bit for bit; it is checked.
    /// </summary>
    public static bool TryScale(ReadOnlySpan<double> values, Span<long> whole, out int places)
    {
        places = 1;
        for (var i = 0; i < values.Length; i++)
        {
            while (!TryScale(values[i], places, out whole[i]))
            {
                if (++places > MaxPlaces)
                {
                    return false;
                }

                // More places: begin again.
                i = 0;
            }
        }

        return true;
    }

    public static double Unscale(long whole, int places) => whole / Powers[places];

    private static bool TryScale(double value, int places, out long whole)
    {
        var scaled = Math.Round(value * Powers[places]);
        // NaN and infinities fail the comparison.
        whole = Math.Abs(scaled) < 1L << 53 ? (long)scaled : 0;
        return BitConverter.DoubleToInt64Bits(Unscale(whole, places)) == BitConverter.DoubleToInt64Bits(value);
    }
}
