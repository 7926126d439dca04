using RalmActors.Messages.Training;

namespace Ralm.Ranking.Schedules;

/// <summary>
/// The learning rate's share at every step of a phase: a pure function of where the phase stands, so that a resumed run
/// needs no memory of it.
/// </summary>
internal static class LearningRates
{
    public const string Constant = "constant";
    public const string Cosine = "cosine";
    public const string Step = "step";

    /// <param name="schedule"><c>null</c>, as in runs of before there were schedules: constant.</param>
    /// <param name="step">From 0, within the phase.</param>
    /// <param name="stepsPerEpoch">At least 1.</param>
    /// <param name="epochs">Of the phase at most; patience may end it sooner, which changes no step before.</param>
    /// <returns>
    /// 0 to 1. In the warm-up of W steps (step + 1) / W; after it 1 (constant), floor + (1 - floor) (1 + cos(pi t)) / 2 with
    /// t from 0 at the first step after the warm-up to 1 at the last (cosine; Loshchilov and Hutter 2017, one cycle), or
    /// decay to the power of the decays so far (step).
    /// </returns>
    public static double ShareAt(LearningRateSchedule? schedule, long step, long stepsPerEpoch, long epochs)
    {
        if (schedule is null)
        {
            return 1;
        }

        var total = stepsPerEpoch * epochs;
        var warmup = (long)(schedule.Warmup * (double)total);
        if (step < warmup)
        {
            return (step + 1) / (double)warmup;
        }

        return schedule.Name switch
        {
            Cosine => CosineAt((step - warmup) / (double)Math.Max(1, total - 1 - warmup), schedule.Floor),
            Step => Math.Pow(schedule.Decay, step / (stepsPerEpoch * schedule.DecayEvery)),
            _ => 1,
        };
    }

    private static double CosineAt(double t, double floor) =>
        floor + ((1 - floor) * (1 + Math.Cos(Math.PI * Math.Min(1, t))) / 2);
}
