using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;

namespace Ralm.Datasets.Import;

/// <summary>
/// Check-ins and friendships of one city as published with LBSN2Vec (Yang et al. 2019), and pairs labelled 1 where a tie
/// was gained later. People become what their check-ins say of them, and old friendships are their seeds.
/// </summary>
public static class FoursquareImport
{
    /// <summary>Pairs of strangers drawn at random; <see cref="FriendsOfFriends"/> is the harder choice.</summary>
    public const string Random = "random";

    public const string FriendsOfFriends = "friend_of_friend";

    /// <param name="folder">Holds CITY_checkins, CITY_friendship_old and CITY_eval_pairs, .csv or .csv.gz.</param>
    /// <param name="negatives">Which pairs without a tie stand against those with one.</param>
    /// <returns>The pairs written.</returns>
    /// <exception cref="BadTableException">A file or column is missing, or a cell is no number.</exception>
    public static int Run(string folder, string city, string negatives, string outFolder, CancellationToken ct)
    {
        var people = Traces.Read(Find(folder, city, "checkins"), Find(folder, city, "friendship_old"), ct);
        TableWriter.Write(
            Path.Combine(outFolder, "users.csv"),
            ["user", .. Traces.ProfileColumns, .. Traces.BagColumns],
            people.Ids.Select(id =>
                (string[])[id, .. people.Profile(id).Select(TableWriter.Number), .. people.Bags(id)]
            )
        );
        TableWriter.Write(Path.Combine(outFolder, "friendships.csv"), ["user_a", "user_b"], people.Ties);
        var pairs = TableReader
            .Read(
                Find(folder, city, "eval_pairs"),
                TableFormat.Default,
                ["user_a", "user_b", "label", "kind", "split"],
                ct
            )
            .Where(row => row[2] == "1" || row[3] == negatives)
            .Where(row => people.Knows(row[0]) && people.Knows(row[1]))
            .Select(row => (string[])[row[0], row[1], row[2], row[4]]);
        return TableWriter.Write(
            Path.Combine(outFolder, "interactions.csv"),
            ["user_a", "user_b", "label", "split"],
            pairs
        );
    }

    private static string Find(string folder, string city, string what)
    {
        var path = Path.Combine(folder, $"{city}_{what}.csv");
        return File.Exists(path) ? path : path + ".gz";
    }
}
