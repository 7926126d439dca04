using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// Of candidates drawn near the good trials, the one most likely under them and least under the others (Bergstra et al.
/// 2011). A trial that was pruned or failed is a bad one, and says so.
/// </summary>
internal static class TpeSearch
{
    /// <summary>More good trials than this blur what good is.</summary>
    private const int MaxGood = 25;

    /// <param name="ranked">Ended trials, the best first.</param>
    public static ImmutableArray<ParameterValue> Suggest(
        SearchSpace space,
        TpeConfig config,
        IReadOnlyList<Trial> ranked,
        UnitSequence random
    )
    {
        var good = Math.Clamp((int)Math.Ceiling(config.Gamma * ranked.Count), 1, MaxGood);
        var likely = Estimate(space, ranked.Take(good));
        var unlikely = Estimate(space, ranked.Skip(good));
        ImmutableArray<ParameterValue>? best = null;
        var bestScore = double.NegativeInfinity;
        for (var k = 0; k < config.Candidates; k++)
        {
            var candidate = likely.Draw(random);
            var score = likely.LogDensity(candidate) - unlikely.LogDensity(candidate);
            if (score > bestScore && space.CanTrain(candidate))
            {
                (best, bestScore) = (candidate, score);
            }
        }

        return best ?? space.Draw(random);
    }

    private static ParzenEstimator Estimate(SearchSpace space, IEnumerable<Trial> trials) =>
        new(space.Ranges, [.. trials.Select(t => t.Parameters)]);
}
