using System.Globalization;
using RalmActors.Trainer.Data;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>People who like those of about their own age, as tables in a folder, prepared for training.</summary>
internal static class AgeCity
{
    /// <param name="candidates">The first so many people are candidates: users × candidates rows.</param>
    public static PreparedDatasetInfo Prepare(string folder, int users, int candidates)
    {
        Directory.CreateDirectory(folder);
        using (var people = File.CreateText(Path.Combine(folder, "users.csv")))
        {
            people.WriteLine("user_id,age");
            for (var u = 0; u < users; u++)
            {
                people.WriteLine(string.Create(CultureInfo.InvariantCulture, $"user-{u},{20 + Age(u)}"));
            }
        }

        using (var interactions = File.CreateText(Path.Combine(folder, "interactions.csv")))
        {
            interactions.WriteLine("user_id,candidate_id,match");
            for (var u = 0; u < users; u++)
            {
                for (var c = 0; c < candidates; c++)
                {
                    var label = Math.Abs(Age(u) - Age(c)) < 12 ? 1 : 0;
                    interactions.WriteLine(string.Create(CultureInfo.InvariantCulture, $"user-{u},user-{c},{label}"));
                }
            }
        }

        var description = Path.Combine(folder, "city.json");
        File.WriteAllText(
            description,
            """
            {
              "name": "city",
              "users": { "file": "users.csv", "key": "user_id", "columns": { "age": { "type": "number" } } },
              "interactions": {
                "file": "interactions.csv", "user": "user_id", "candidate": "candidate_id", "label": "match"
              },
              "split": { "rule": "random", "valid": 0.2, "test": 0.1, "seed": 1 }
            }
            """
        );
        return DatasetPreparation.Prepare(
            description,
            Path.Combine(folder, "prepared"),
            new PreparationOptions(),
            null,
            CancellationToken.None
        );
    }

    private static int Age(int person) => person * 7 % 40;
}
