using System.Globalization;
using RalmActors.AbTesting.Domain.Cells;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What stands in no statistics, in words: who reads a verdict shall know what it does not rest on.</summary>
internal static class LeftOut
{
    public static IEnumerable<string> Of(ExperimentState experiment)
    {
        var cells = experiment.Cells.Values;
        var (crossed, untimely, waiting) = (
            cells.Sum(c => c.CrossedUnits),
            cells.Sum(c => c.UntimelyOutcomes),
            cells.Sum(c => c.WaitingOutcomes)
        );
        if (crossed > 0)
        {
            yield return $"{Many(crossed, "unit was", "units were")} seen in two arms and {(crossed == 1 ? "is" : "are")} left out";
        }

        if (untimely > 0)
        {
            yield return $"{Many(untimely, "outcome is", "outcomes are")} not counted: before the exposure, or outside of the metric's time after it";
        }

        if (waiting > 0)
        {
            yield return $"{Many(waiting, "outcome waits", "outcomes wait")} for an exposure";
        }

        foreach (var metric in experiment.Definition!.Metrics)
        {
            var young = experiment.Merged.Where(t => t.Key.Metric == metric.Name).Sum(t => t.Value.Waiting);
            if (young > 0)
            {
                yield return $"{Many(young, "unit waits", "units wait")}: the time for {metric.Name} is not over";
            }
        }

        if (cells.Count(c => c.WaitingOutcomes >= CellState.MaxWaiting) is var full and > 0)
        {
            yield return $"{Many(full, "cell refuses", "cells refuse")} outcomes of units that were not exposed: {Number(CellState.MaxWaiting)} wait there";
        }
    }

    private static string Many(long count, string one, string several) =>
        $"{Number(count)} {(count == 1 ? one : several)}";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
