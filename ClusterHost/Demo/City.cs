using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace RalmActors.ClusterHost.Demo;

/// <summary>
/// A seeded city of people with hidden tastes, homes and two-sided responses. The true probability of every response is
/// known, and with it the best AUC any model could reach (Bayes).
/// </summary>
public sealed class City
{
    public const int TasteDimensions = 6;

    private const double QuizNoise = 0.15;
    private const double TasteStrength = 2.6;
    private const double LogitsPerKm = -0.12;
    private const double Bias = -0.3;

    internal static readonly ImmutableArray<string> Districts = ["harbour", "old-town", "north", "hill", "river"];

    private static readonly ImmutableArray<string> Interests =
    [
        "climbing",
        "jazz",
        "cooking",
        "cinema",
        "running",
        "gaming",
        "gardens",
        "theatre",
    ];

    /// <summary>Before the drift people look for their like; after it, in half of the dimensions, for their opposite.</summary>
    private static readonly ImmutableArray<double> Before = [1, 1, 1, 1, 1, 1];

    private static readonly ImmutableArray<double> After = [1, -1, 1, -1, -1, 1];

    private City(ImmutableArray<Person> people) => People = people;

    public ImmutableArray<Person> People { get; }

    public static City Create(int seed, int people)
    {
        var random = new Random(seed);
        var centres = Districts.Select(_ => (Lat: 48.2 + Spread(random), Lon: 16.37 + Spread(random))).ToArray();
        return new City([.. Enumerable.Range(0, people).Select(i => NewPerson(random, i, centres))]);
    }

    /// <summary>The probability that both say yes: each side decides alone.</summary>
    public double MatchProbability(Person a, Person b, bool drifted)
    {
        var weights = drifted ? After : Before;
        var affinity = 0.0;
        for (var k = 0; k < TasteDimensions; k++)
        {
            affinity += weights[k] * a.Taste[k] * b.Taste[k];
        }

        var shared = Bias + TasteStrength * affinity / Math.Sqrt(TasteDimensions) + LogitsPerKm * a.DistanceKm(b);
        return Sigmoid(shared + b.Charm) * Sigmoid(shared + a.Charm);
    }

    /// <summary>Different people, drawn with a preference for those who live near.</summary>
    public Person[] Nearby(Person person, int count, Random random)
    {
        var chosen = new HashSet<string>(StringComparer.Ordinal) { person.Id };
        var nearby = new List<Person>(count);
        while (nearby.Count < count)
        {
            var candidate = People[random.Next(People.Length)];
            if (random.NextDouble() < Math.Exp(-person.DistanceKm(candidate) / 15) && chosen.Add(candidate.Id))
            {
                nearby.Add(candidate);
            }
        }

        return [.. nearby];
    }

    private static Person NewPerson(Random random, int index, (double Lat, double Lon)[] centres)
    {
        var taste = Enumerable.Range(0, TasteDimensions).Select(_ => Normal(random)).ToImmutableArray();
        var district = random.Next(Districts.Length);
        var photo = Normal(random);
        return new Person(
            $"person-{index}",
            taste,
            Charm: 0.6 * photo,
            Quiz: [.. taste.Select(t => Math.Round(t + QuizNoise * Normal(random), 4))],
            Age: 18 + random.Next(45),
            Districts[district],
            [.. Interests.Where(_ => random.NextDouble() < 0.3)],
            Math.Round(photo, 4),
            new Position
            {
                Latitude = Math.Round(centres[district].Lat + 0.02 * Normal(random), 6),
                Longitude = Math.Round(centres[district].Lon + 0.02 * Normal(random), 6),
            }
        );
    }

    private static double Spread(Random random) => 0.16 * (random.NextDouble() - 0.5);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Box-Muller; one draw per call keeps the stream simple to reason about.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
