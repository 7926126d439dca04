using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// The parameters of a trial, as a function of the definition, the trial's number and the outcomes of trials that are at
/// least <c>lag</c> numbers back. What ended since then is not looked at, so the order of endings does not matter.
/// </summary>
internal static class Suggestions
{
    /// <summary><c>null</c> while the trials it rests on have not ended.</summary>
    public static ImmutableArray<ParameterValue>? For(StudyDefinition d, ImmutableList<Trial> trials, int number)
    {
        var space = new SearchSpace(d);
        var random = new UnitSequence(TrialSeeds.ForSuggestion(d.RandomSeed, number));
        if (d.Method == SearchMethod.Grid)
        {
            return GridSearch.Suggest(d, space, number);
        }

        var known = number - d.Tpe.Lag;
        if (d.Method == SearchMethod.Random || known < d.Tpe.StartupTrials)
        {
            return space.Draw(random);
        }

        var history = trials.Take(known).ToArray();
        return Array.TrueForAll(history, t => t.Outcome != TrialOutcome.Unspecified)
            ? TpeSearch.Suggest(space, d.Tpe, TrialRanking.BestFirst(d.Objective, history), random)
            : null;
    }
}
