using System.Collections.Immutable;
using Ralm.Ranking.Randomness;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// Every combination that can be trained, once, in an order shuffled by the seed: a part of a grid is then a fair sample
/// of it, and pruning compares with all corners.
/// </summary>
internal static class GridSearch
{
    /// <summary>How many combinations can be trained; counting ends at the limit.</summary>
    public static int Count(StudyDefinition definition, int limit) =>
        InOrder(definition, new SearchSpace(definition)).Take(limit).Count();

    /// <param name="number">From 1.</param>
    public static ImmutableArray<ParameterValue> Suggest(StudyDefinition definition, SearchSpace space, int number) =>
        InOrder(definition, space).ElementAt(number - 1);

    private static IEnumerable<ImmutableArray<ParameterValue>> InOrder(StudyDefinition definition, SearchSpace space)
    {
        var size = (int)space.GridSize;
        var order = new RowPermutation(size, TrialSeeds.ForGrid(definition.RandomSeed));
        return Enumerable.Range(0, size).Select(k => space.GridAt(order[k])).Where(p => space.CanTrain(p));
    }
}
