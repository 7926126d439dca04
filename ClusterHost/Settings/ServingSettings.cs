using RalmActors.Scorer.Actors;

namespace RalmActors.ClusterHost.Settings;

/// <summary>How a node with the role scorer serves.</summary>
/// <param name="Workers">Threads that compute scores, 1 to 64. Default: half the cores.</param>
/// <param name="Seeds">How it knows the seeds of candidates; ranges are written there.</param>
public sealed record ServingSettings(int Workers, SeedOptions Seeds)
{
    internal static ServingSettings Read(SettingsReader reader)
    {
        var seeds = new SeedOptions();
        return new ServingSettings(
            reader.Whole("Serving:Workers", new ScorerOptions().Workers, 1, 64),
            new SeedOptions
            {
                FirstWait = Time("FirstWait", seeds.FirstWait, 0, 10),
                MaxSeeds = reader.Whole("Serving:MaxSeeds", seeds.MaxSeeds, SeedOptions.LeastSeeds, 10_000_000),
                MaxCandidates = reader.Whole(
                    "Serving:MaxCandidates",
                    seeds.MaxCandidates,
                    SeedOptions.LeastCandidates,
                    10_000_000
                ),
                AsksInFlight = reader.Whole("Serving:AsksInFlight", seeds.AsksInFlight, 1, 10_000),
                AskAgainAfter = Time("AskAgainAfter", seeds.AskAgainAfter, 0.1, 60),
                PollEvery = Time("PollEvery", seeds.PollEvery, 1, 3_600),
                ClusterEvery = Time("ClusterEvery", seeds.ClusterEvery, 1, 3_600),
                ClusterAfterChange = reader.Between("Serving:ClusterAfterChange", seeds.ClusterAfterChange, 0.01, 1),
            }
        );

        TimeSpan Time(string name, TimeSpan fallback, double min, double max) =>
            TimeSpan.FromSeconds(reader.Between($"Serving:{name}", fallback.TotalSeconds, min, max));
    }
}
