namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>Which metrics a rule is about: one by its name, or all that fit where a <c>*</c> stands for any text.</summary>
public static class MetricPattern
{
    public static bool IsPattern(string metric) => metric.Contains('*', StringComparison.Ordinal);

    public static bool Fits(string pattern, string name) =>
        IsPattern(pattern) ? Fits(pattern.AsSpan(), name) : pattern == name;

    /// <summary>Each piece between stars at its first place; going back to the last star is enough.</summary>
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, from) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, from) = (p++, n);
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                (p, n) = (p + 1, n + 1);
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
