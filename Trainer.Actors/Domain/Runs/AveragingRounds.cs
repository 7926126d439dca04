namespace RalmActors.Trainer.Domain.Runs;

/// <summary>
/// Local SGD (Stich 2019): which worker takes which batch of an epoch, and after which batches the weights are averaged.
/// Workers take batches in turn, so who trains what is a function of the batch's number.
/// </summary>
/// <param name="every">Batches of each worker from one averaging to the next.</param>
internal sealed class AveragingRounds(int workers, int every)
{
    public int WorkerOf(int batch) => batch % workers;

    /// <summary>An epoch's last round may be shorter: its validation and its checkpoint need the average.</summary>
    /// <param name="batches">Of the epoch.</param>
    public bool EndsAfter(int batch, int batches) =>
        (batch + 1L) % ((long)workers * every) == 0 || batch + 1 == batches;
}
