using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>A cell that counts one metric of each kind, and what is sent to it.</summary>
internal static class GivenCell
{
    public static readonly DateTimeOffset Now = new(2026, 1, 8, 0, 0, 0, TimeSpan.Zero);

    private static readonly ConcurrentDictionary<(string Unit, string Arm), RunningExperiment> Tests = new();

    private static int _commands;

    public static readonly Metric Match = new() { Name = "match", Kind = MetricKind.Binary };

    public static readonly Metric Letters = new() { Name = "messages", Kind = MetricKind.Count };

    public static readonly Metric Revenue = new()
    {
        Name = "revenue",
        Kind = MetricKind.Continuous,
        WindowSeconds = 3600,
        Adjusted = true,
    };

    public static readonly Metric PerShown = new()
    {
        Name = "likes",
        Kind = MetricKind.Ratio,
        Denominator = "shown",
    };

    public static ConfigureCell Configure(params Metric[] metrics) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            Arms = { "a", "b" },
            Metrics = { metrics.Length == 0 ? [Match, Letters, Revenue, PerShown] : metrics },
        };

    /// <summary>In a test whose salt gives the unit this arm.</summary>
    public static RecordExposure Expose(string unit, string arm, double minute = 0, double? before = null)
    {
        var exposure = new RecordExposure
        {
            Header = Header(),
            ExperimentId = "t",
            Cell = 0,
            Unit = unit,
            Arm = arm,
            Phase = 1,
            OccurredAt = At(minute),
            Test = Tests.GetOrAdd((unit, arm), Assigning),
        };
        if (before is { } value)
        {
            exposure.Before.Add(new Covariate { Metric = "revenue", Value = value });
        }

        return exposure;
    }

    public static RecordOutcome Outcome(string unit, string metric = "match", double value = 1, double minute = 1) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            Cell = 0,
            Unit = unit,
            Metric = metric,
            Value = value,
            OccurredAt = At(minute),
            Test = Test("t"),
        };

    /// <summary>One cell, two arms, running for a month.</summary>
    public static RunningExperiment Test(string salt) =>
        new()
        {
            ExperimentId = "t",
            Revision = 3,
            Running = true,
            Phase = 1,
            Family = "city",
            Salt = salt,
            Exposure = Assignment.Buckets,
            Cells = 1,
            Arms =
            {
                new Arm { Name = "a", Weight = 5000 },
                new Arm { Name = "b", Weight = 5000 },
            },
            Phases =
            {
                new PhaseStart
                {
                    Phase = 1,
                    Exposure = Assignment.Buckets,
                    StartedAt = Timestamp.FromDateTimeOffset(Now.AddDays(-30)),
                },
            },
        };

    private static RunningExperiment Assigning((string Unit, string Arm) wanted)
    {
        for (var salt = 0; ; salt++)
        {
            var test = Test($"t-{salt}");
            if (test.Arms[new Assignment(test).Assign(wanted.Unit).Arm].Name == wanted.Arm)
            {
                return test;
            }
        }
    }

    public static CellState Given(params ICommand[] commands) => Then(new EntityCore<CellState>("t/0"), commands).State;

    public static EntityCore<CellState> Then(EntityCore<CellState> core, params ICommand[] commands)
    {
        foreach (var command in commands)
        {
            var decision = core.Decide(command, Now);
            Assert.Null(decision.Rejection);
            foreach (var e in decision.Events)
            {
                core.Apply(e);
            }
        }

        return core;
    }

    public static ArmStatistics Of(CellState cell, string arm, string metric) =>
        cell.Statistics.Single(s => s.Arm == arm && s.Metric == metric);

    private static CommandHeader Header() => new() { CommandId = $"c-{Interlocked.Increment(ref _commands)}" };

    public static Timestamp At(double minute) => Timestamp.FromDateTimeOffset(Now.AddDays(-1).AddMinutes(minute));
}
