namespace Ralm.Ranking.Seeds;

/// <summary>In which order seeds are clustered, and from where: as on a node that serves, which knows ids and no places.</summary>
/// <param name="Rank">Per user, its place among all in the order of ids; null: ids are not known, places are taken.</param>
/// <param name="Starts">Per candidate.</param>
public sealed record SeedOrder(int[]? Rank, ulong[]? Starts)
{
    public static readonly SeedOrder ByPlace = new(null, null);

    public static SeedOrder Of(string[] userIds, string[] candidateIds)
    {
        int[] byId = [.. Enumerable.Range(0, userIds.Length)];
        Array.Sort(byId, (a, b) => string.CompareOrdinal(userIds[a], userIds[b]));
        var rank = new int[byId.Length];
        for (var k = 0; k < byId.Length; k++)
        {
            rank[byId[k]] = k;
        }

        return new SeedOrder(rank, Array.ConvertAll(candidateIds, ClusterStart.Of));
    }

    public ulong StartOf(int candidate) => Starts?[candidate] ?? ClusterStart.Of((ulong)candidate);

    /// <summary>Places among these seeds, in the order in which they are clustered.</summary>
    /// <param name="seeds">Users, in rising order of their places.</param>
    public int[] PlacesOf(ReadOnlySpan<int> seeds)
    {
        int[] places = [.. Enumerable.Range(0, seeds.Length)];
        if (Rank is not null)
        {
            Array.Sort(Array.ConvertAll(seeds.ToArray(), user => Rank[user]), places);
        }

        return places;
    }
}
