using System.Globalization;
using System.Text;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Writes the city's past as a matching service would export it: a users table and an interactions table.</summary>
public static class CityHistory
{
    public const string Users = "users.csv";
    public const string Interactions = "interactions.csv";
    public const string Description = "city.json";

    /// <summary>Returns the true probability of every row, so that the best possible AUC is known.</summary>
    public static async Task<double[]> Write(City city, DemoOptions options, string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, Users), UserTable(city), ct);
        await File.WriteAllTextAsync(Path.Combine(folder, Description), Describe(), ct);
        var random = new Random(options.Seed + 1);
        var truth = new double[options.History];
        var rows = new StringBuilder("user_id,candidate_id,distance_km,match\n");
        for (var row = 0; row < options.History; row++)
        {
            var user = city.People[random.Next(city.People.Length)];
            var candidate = city.Nearby(user, 1, random)[0];
            truth[row] = city.MatchProbability(user, candidate, drifted: false);
            var match = random.NextDouble() < truth[row] ? 1 : 0;
            rows.Append(CultureInfo.InvariantCulture, $"{user.Id},{candidate.Id},");
            rows.Append(CultureInfo.InvariantCulture, $"{Math.Round(user.DistanceKm(candidate), 3)},{match}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, Interactions), rows.ToString(), ct);
        return truth;
    }

    private static string Describe()
    {
        var quiz = Enumerable.Range(0, City.TasteDimensions).Select(k => $"\"quiz_{k}\": {{ \"type\": \"number\" }}");
        return $$"""
            {
              "name": "city",
              "users": {
                "file": "{{Users}}", "key": "user_id",
                "columns": {
                  "age": { "type": "number" }, "photo_score": { "type": "number" },
                  "district": { "type": "category" }, "interests": { "type": "tags", "separator": "|" },
                  "home": { "type": "position", "latitude": "home_lat", "longitude": "home_lon" },
                  {{string.Join(", ", quiz)}}
                }
              },
              "interactions": {
                "file": "{{Interactions}}", "user": "user_id", "candidate": "candidate_id", "label": "match",
                "columns": { "distance_km": { "type": "number" } }
              },
              "split": { "rule": "random", "valid": 0.1, "test": 0.1, "seed": 1 }
            }
            """;
    }

    private static string UserTable(City city)
    {
        var quiz = Enumerable.Range(0, City.TasteDimensions);
        var table = new StringBuilder("user_id,age,photo_score,district,interests,home_lat,home_lon,")
            .AppendJoin(',', quiz.Select(k => $"quiz_{k}"))
            .Append('\n');
        foreach (var p in city.People)
        {
            table
                .Append(CultureInfo.InvariantCulture, $"{p.Id},{p.Age},{p.PhotoScore},{p.District},")
                .AppendJoin('|', p.Interests)
                .Append(CultureInfo.InvariantCulture, $",{p.Home.Latitude},{p.Home.Longitude},")
                .AppendJoin(',', p.Quiz.Select(q => q.ToString(CultureInfo.InvariantCulture)))
                .Append('\n');
        }

        return table.ToString();
    }
}
