namespace RalmActors.ClusterHost.Settings;

/// <summary>Guesses which name was meant by a misspelt one.</summary>
public static class NearMiss
{
    /// <summary>
    /// The candidate at the smallest edit distance (Levenshtein 1966), if no more than a third of the name is wrong.
    /// </summary>
    public static string? Of(string written, IEnumerable<string> candidates) =>
        candidates
            .Select(candidate => (candidate, distance: Distance(Fold(written), Fold(candidate))))
            .Where(c => c.distance * 3 <= written.Length)
            .OrderBy(c => c.distance)
            .Select(c => c.candidate)
            .FirstOrDefault();

    private static string Fold(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
