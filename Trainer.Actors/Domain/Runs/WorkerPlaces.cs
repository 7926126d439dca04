using Ralm.Ranking.Randomness;

namespace RalmActors.Trainer.Domain.Runs;

/// <summary>
/// On which node each worker of a run begins: the run's own, then each of the others, and round again. Which of the others
/// comes first differs from run to run, so that not all runs of few workers meet on the same one.
/// </summary>
internal static class WorkerPlaces
{
    /// <param name="worker">From 0: the run's own node.</param>
    /// <param name="others">How many nodes there are beside it.</param>
    /// <returns>Of the others, from 0; <c>null</c>: the run's own node.</returns>
    public static int? Of(string runId, int worker, int others)
    {
        var place = worker % (others + 1);
        return place == 0 ? null : (int)((Hashing.Key(runId) + (ulong)place) % (ulong)others);
    }
}
