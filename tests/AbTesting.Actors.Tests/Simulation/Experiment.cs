using MathNet.Numerics.Distributions;
using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Actors.Tests.Simulation;

/// <summary>One simulated experiment on rates, looked at again and again by the entity's own rules.</summary>
/// <param name="PerLook">Units per arm between two looks.</param>
internal sealed record Experiment(double ControlRate, double ArmRate, int PerLook, int Looks, Method Method)
{
    public double Expected { get; init; }

    /// <summary>Did the entity name a winner at any look; would a chi-square at 5 % have?</summary>
    public (string Winner, bool Naive) Run(int seed)
    {
        var random = new Random(seed);
        var test = GivenExperiment.Given(
            GivenExperiment.Create(d =>
            {
                d.Method = Method;
                d.HorizonUnits = 2L * PerLook * Looks;
                d.Looks = Looks;
                d.PlausibleEffect = 0.02;
            }),
            GivenExperiment.Start()
        );
        var (a, b, naive) = (0L, 0L, false);
        for (var look = 1; look <= Looks; look++)
        {
            a += Binomial.Sample(random, ControlRate, PerLook);
            b += Binomial.Sample(random, ArmRate, PerLook);
            var units = (long)look * PerLook;
            naive |= new TwoProportions(new(a, units), new(b, units)).Table.Pearson().P < 0.05;
            if (test.State.Stage == ExperimentStatus.Running)
            {
                GivenExperiment.Then(test, GivenExperiment.Report(0, look, (units, a), (units, b)));
            }
        }

        return (test.State.Verdict?.Winner ?? "", naive);
    }

    /// <summary>Shares of the runs: any winner, the arm, and what a chi-square at every look would have claimed.</summary>
    public (double Any, double Arm, double Naive) Repeat(int runs)
    {
        var results = Enumerable.Range(1, runs).AsParallel().Select(Run).ToArray();
        return (
            results.Count(r => r.Winner.Length > 0) / (double)runs,
            results.Count(r => r.Winner == "b") / (double)runs,
            results.Count(r => r.Naive) / (double)runs
        );
    }

    /// <summary>Units per arm with which the method finds the effect as often as planned, by the product's own planning.</summary>
    public static int Planned(double rate, double effect, double power, Method method)
    {
        var test = GivenExperiment
            .Given(
                GivenExperiment.Create(d =>
                {
                    (d.Method, d.HorizonUnits) = (method, 1_000_000_000);
                    (d.ExpectedEffect, d.Power, d.PlausibleEffect) = (effect, power, 0.02);
                    d.OnVerdict = AutomaticAction.Wait;
                }),
                GivenExperiment.Start(),
                GivenExperiment.Report(0, 1, (1000, (long)(1000 * rate)), (1000, (long)(1000 * (rate + effect))))
            )
            .State;
        return (int)(VerdictRule.Of(test)!.UnitsStillNeeded + 2000) / 2;
    }
}
