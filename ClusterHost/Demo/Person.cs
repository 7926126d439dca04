using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Someone of the simulated city: what the service sees, and what only the simulator knows.</summary>
/// <param name="Taste">Hidden: position in taste space, standard normal per dimension.</param>
/// <param name="Charm">Hidden: how much everybody likes this person, in logits.</param>
/// <param name="Quiz">Seen: the answers to a profile quiz, a noisy view of <paramref name="Taste"/>.</param>
public sealed record Person(
    string Id,
    ImmutableArray<double> Taste,
    double Charm,
    ImmutableArray<double> Quiz,
    int Age,
    string District,
    ImmutableArray<string> Interests,
    double PhotoScore,
    Position Home
)
{
    private const double EarthRadiusKm = 6371.0088;

    private readonly Lazy<Features> _profile = new(() =>
    {
        var features = new Features();
        features.Items.Add(new Feature { Name = "age", Number = Age });
        features.Items.Add(new Feature { Name = "photo_score", Number = PhotoScore });
        features.Items.Add(new Feature { Name = "district", Text = District });
        features.Items.Add(
            new Feature
            {
                Name = "interests",
                Texts = new TextList { Values = { Interests } },
            }
        );
        features.Items.Add(new Feature { Name = "home", Position = Home });
        for (var k = 0; k < Quiz.Length; k++)
        {
            features.Items.Add(new Feature { Name = $"quiz_{k}", Number = Quiz[k] });
        }

        return features;
    });

    public Features Profile => _profile.Value;

    /// <summary>Great-circle distance in kilometres (haversine).</summary>
    public double DistanceKm(Person other)
    {
        var (lat1, lat2) = (double.DegreesToRadians(Home.Latitude), double.DegreesToRadians(other.Home.Latitude));
        var dLat = lat2 - lat1;
        var dLon = double.DegreesToRadians(other.Home.Longitude - Home.Longitude);
        var a = Math.Pow(Math.Sin(dLat / 2), 2) + Math.Cos(lat1) * Math.Cos(lat2) * Math.Pow(Math.Sin(dLon / 2), 2);
        return 2 * EarthRadiusKm * Math.Asin(Math.Sqrt(a));
    }
}
