using System.Collections.Immutable;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>What has been found out about the lineages an interaction is for; the state cannot know who else exists.</summary>
/// <param name="Missing">Nobody has opened them, or somebody has closed them.</param>
/// <param name="There">Some of those that there are, to tell whoever named a wrong one.</param>
public sealed record LineageFacts(ImmutableHashSet<string> Missing, IReadOnlyCollection<string> There)
{
    private const int MaxTold = 20;

    public static readonly LineageFacts AllThere = new([], []);

    public string Rule =>
        There.Count == 0
            ? "must be an open lineage"
            : $"must be an open lineage; there are {string.Join(", ", There.Take(MaxTold))}{More}";

    private string More => There.Count > MaxTold ? $" and {There.Count - MaxTold:N0} more" : "";
}
