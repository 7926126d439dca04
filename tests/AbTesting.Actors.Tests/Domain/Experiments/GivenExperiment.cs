using System.Globalization;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

/// <summary>A test of two arms that stops at its verdict, and what is sent to it.</summary>
internal static class GivenExperiment
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static int _commands;

    public static EntityCore<ExperimentState> Given(params ICommand[] commands) =>
        Then(new EntityCore<ExperimentState>("t"), commands);

    public static EntityCore<ExperimentState> Then(EntityCore<ExperimentState> core, params ICommand[] commands) =>
        ThenAt(core, Now, commands);

    public static EntityCore<ExperimentState> ThenAt(
        EntityCore<ExperimentState> core,
        DateTimeOffset now,
        params ICommand[] commands
    )
    {
        foreach (var command in commands)
        {
            var decision = core.Decide(command, now);
            Assert.Null(decision.Rejection);
            foreach (var e in decision.Events)
            {
                core.Apply(e);
            }
        }

        return core;
    }

    public static CommandHeader Header(string author = "") =>
        new() { CommandId = $"c-{Interlocked.Increment(ref _commands)}", Author = author };

    public static StartExperiment Start() => new() { Header = Header("ann"), ExperimentId = "t" };

    public static StopExperiment Stop(string reason = "enough") =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            Reason = reason,
        };

    public static AdvanceExperiment Advance() => new() { Header = Header(), ExperimentId = "t" };

    public static ReportCell Report(int cell, long revision, params ArmStatistics[] arms) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            Cell = cell,
            Revision = revision,
            Arms = { arms },
        };

    public static ReportCell Report(
        int cell,
        long revision,
        (long Units, long Converted) a,
        (long Units, long Converted) b,
        int phase = 1
    ) => Report(cell, revision, Rate("a", a.Units, a.Converted, phase), Rate("b", b.Units, b.Converted, phase));

    public static ArmStatistics Rate(string arm, long units, long converted, int phase = 1, string metric = "match") =>
        new()
        {
            Phase = phase,
            Arm = arm,
            Metric = metric,
            Units = units,
            Converted = converted,
            Sums = new ExactSums { Y = $"{converted}000000", YSquared = $"{converted}000000000000" },
        };

    /// <summary>Half of the units at one standard deviation below the mean, half above.</summary>
    public static ArmStatistics Mean(string arm, string metric, long units, long mean, long deviation) =>
        new()
        {
            Phase = 1,
            Arm = arm,
            Metric = metric,
            Units = units,
            Converted = units,
            Sums = new ExactSums
            {
                Y = $"{units * mean}000000",
                YSquared = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{units * (mean * mean + deviation * deviation)}000000000000"
                ),
            },
        };

    public static CreateExperiment Create(Action<ExperimentDefinition>? change = null)
    {
        var definition = new ExperimentDefinition
        {
            Family = "city",
            Metric = "match",
            OnVerdict = AutomaticAction.Stop,
            Arms =
            {
                new Arm
                {
                    Name = "a",
                    Weight = 5000,
                    VersionId = "v1",
                },
                new Arm
                {
                    Name = "b",
                    Weight = 5000,
                    VersionId = "v2",
                },
            },
        };
        change?.Invoke(definition);
        return new CreateExperiment
        {
            Header = Header("ann"),
            ExperimentId = "t",
            Definition = definition,
        };
    }
}
