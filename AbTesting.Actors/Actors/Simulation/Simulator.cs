using RalmActors.AbTesting.Domain.Simulation;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Actors;

/// <summary>Plays a design before anybody is exposed, run by run, and says how often it was wrong.</summary>
public static class Simulator
{
    /// <param name="design">Complete, see <see cref="DesignRules"/>.</param>
    /// <param name="played">Hears of every run that has ended, from several threads.</param>
    /// <param name="threads">At once; -1: as many as there are cores.</param>
    public static SimulationResult Play(
        SimulationDesign design,
        CancellationToken ct,
        Action? played = null,
        int threads = -1
    )
    {
        var runs = new RunOutcome[design.Runs];
        Parallel.For(
            0,
            design.Runs,
            new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = threads },
            run =>
            {
                runs[run] = SimulatedRun.Play(design, run, ct.ThrowIfCancellationRequested);
                played?.Invoke();
            }
        );
        return SimulatedRun.Sum(design, runs);
    }
}
