namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// When whole groups are assigned together (places, hours), groups and not people vary independently.
/// </summary>
public static class Clusters
{
    /// <summary>Below it the variance between groups is not known well enough.</summary>
    public const int Fewest = 20;

    /// <summary>
    /// The mean over people with the variance between their groups, as moments of the groups:
    /// se² = Σ (n_g (m_g - m))² / (Σ n_g)² · G/(G - 1), with G - 1 degrees of freedom.
    /// </summary>
    public static Moments Moments(ReadOnlySpan<Moments> groups)
    {
        var all = default(Moments);
        foreach (var group in groups)
        {
            all = all.Merge(group);
        }

        if (groups.Length < 2)
        {
            return new Moments(groups.Length, all.Mean, 0);
        }

        var squares = 0.0;
        foreach (var group in groups)
        {
            var part = group.Count * (group.Mean - all.Mean);
            squares += part * part;
        }

        double g = groups.Length;
        var variance = squares / (all.Count * all.Count) * g / (g - 1);
        return new Moments(g, all.Mean, variance * g * (g - 1));
    }
}
