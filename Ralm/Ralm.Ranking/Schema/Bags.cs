using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>Tags with their counts, in the order of their first mention.</summary>
internal static class Bags
{
    public static Dictionary<string, int> Count(TextList tags)
    {
        var counts = new Dictionary<string, int>(tags.Values.Count, StringComparer.Ordinal);
        foreach (var tag in tags.Values)
        {
            counts[tag] = counts.GetValueOrDefault(tag) + 1;
        }

        return counts;
    }
}
