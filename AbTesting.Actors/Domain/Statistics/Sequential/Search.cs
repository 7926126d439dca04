namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>Ends of what a sequence does not refute, on a scale without ends (log ratios).</summary>
internal static class Search
{
    private const int Halvings = 200;
    private const double Step = 0.2;
    private const double Farthest = 20;

    /// <summary>The border between <paramref name="inside"/>, not refuted, and <paramref name="outside"/>, refuted.</summary>
    public static double Between(Func<double, bool> isRefuted, double inside, double outside)
    {
        for (var i = 0; i < Halvings && inside != outside; i++)
        {
            var middle = (inside + outside) / 2;
            if (isRefuted(middle))
            {
                if (middle == outside)
                {
                    break;
                }

                outside = middle;
            }
            else
            {
                if (middle == inside)
                {
                    break;
                }

                inside = middle;
            }
        }

        return inside;
    }

    /// <summary>The border on the way outwards from <paramref name="start"/>, which is not refuted; infinite beyond ±20.</summary>
    /// <param name="sign">1 upwards, -1 downwards.</param>
    public static double Outwards(Func<double, bool> isRefuted, double start, int sign)
    {
        var inside = start;
        for (var k = 1; ; k++)
        {
            var next = start + sign * Step * k;
            if (Math.Abs(next) > Farthest)
            {
                return sign * double.PositiveInfinity;
            }

            if (isRefuted(next))
            {
                return Between(isRefuted, inside, next);
            }

            inside = next;
        }
    }
}
