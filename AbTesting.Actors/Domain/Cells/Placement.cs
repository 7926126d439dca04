using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// Where evidence belongs, computed from test, unit and time and never believed: what a sender says beyond these must be
/// what comes out here.
/// </summary>
internal static class Placement
{
    /// <summary>Clocks differ, and a node hears a little later that a phase has begun.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Arm and phase of an exposure, or why it is none.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Placed(string Arm, int Phase, Rejection? Rejection)
    {
        public static implicit operator Placed(Rejection? rejection) => new("", 0, rejection);
    }

    /// <summary>What the test's own time and the unit's hash allow; for exposures and outcomes alike.</summary>
    public static Rejection? Check(RunningExperiment? experiment, ICellMessage c, string unit, DateTimeOffset at)
    {
        if (experiment is null)
        {
            return Rejections.Of(
                RejectionCode.Overloaded,
                "experiment_id",
                c.ExperimentId,
                "is not known to the node that took this; repeat it with the same command id"
            );
        }

        if (experiment.Archived)
        {
            return Rejections.Conflict(
                "experiment_id",
                experiment.ExperimentId,
                "is archived: nothing is counted any more"
            );
        }

        if (experiment.Phases.Count == 0)
        {
            return Rejections.Conflict("experiment_id", experiment.ExperimentId, "has not begun");
        }

        var cell = new Assignment(experiment).Assign(unit).Cell;
        return c.Cell != cell ? NotItsCell(c.Cell, cell, unit)
            : experiment.EndedAt is { } end && at > end.ToDateTimeOffset()
                ? Rejections.Conflict(
                    "occurred_at",
                    Timestamps.Text(Timestamp.FromDateTimeOffset(at)),
                    $"must not be after the end of the test, {Timestamps.Text(end)}: nothing counts after it"
                )
            : experiment.Phases[0].StartedAt is { } begin && at < begin.ToDateTimeOffset() - Tolerance
                ? Rejections.Invalid(
                    "occurred_at",
                    Timestamps.Text(Timestamp.FromDateTimeOffset(at)),
                    $"must be at most {Tolerance.TotalMinutes} minutes before the test began, {Timestamps.Text(begin)}"
                )
            : null;
    }

    public static Rejection? NotItsCell(int sent, int cell, string unit) =>
        Rejections.Invalid("cell", sent, $"must be {cell}, where the hash of {unit} belongs, or left out");

    /// <param name="arms">Those the cell counts.</param>
    public static Placed Of(RecordExposure c, IReadOnlyCollection<string> arms, DateTimeOffset at)
    {
        if (Check(c.Test, c, c.Unit, at) is { } bad)
        {
            return bad;
        }

        var experiment = c.Test;
        if (experiment.Eligibility.Count > 0 && !Eligibility.Holds(experiment.Eligibility, c.User))
        {
            return Rejections.Invalid("user", "", "must be what Score was sent, and hold the test's conditions");
        }

        var (phase, arm) = Assigned(experiment, c.Unit, at);
        if (arm == AssignedUnit.NoArm)
        {
            return Rejections.Invalid("unit", c.Unit, WhyNot(experiment, phase, c.Unit));
        }

        var name = experiment.Arms[arm].Name;
        return c.Arm.Length > 0 && c.Arm != name
                ? Rejections.Invalid("arm", c.Arm, $"must be {name}, which is assigned to {c.Unit}, or left out")
            : c.Phase != 0 && !Ran(experiment, c.Phase, at)
                ? Rejections.Invalid("phase", c.Phase, $"must be {phase.Phase}, which ran at occurred_at, or left out")
            : !arms.Contains(name, StringComparer.Ordinal)
                ? Rejections.Of(
                    RejectionCode.Overloaded,
                    "experiment_id",
                    experiment.ExperimentId,
                    $"has not told this cell of arm {name}; repeat it with the same command id"
                )
            : new Placed(name, phase.Phase, null);
    }

    /// <summary>An outcome of a unit that was in no phase so far is a mistake: there is no exposure it could wait for.</summary>
    public static Rejection? Check(RecordOutcome c, DateTimeOffset at)
    {
        if (Check(c.Test, c, c.Unit, at) is { } bad)
        {
            return bad;
        }

        var newest = c.Test.Phases[^1];
        return new Assignment(c.Test).Assign(c.Unit, newest.Exposure).TakesPart
            ? null
            : Rejections.Invalid("unit", c.Unit, WhyNot(c.Test, newest, c.Unit));
    }

    /// <summary>
    /// The phase that ran then; or the next one, where the unit takes part in that and it began within the tolerance.
    /// </summary>
    private static (PhaseStart Phase, int Arm) Assigned(RunningExperiment experiment, string unit, DateTimeOffset at)
    {
        var assignment = new Assignment(experiment);
        var index = 0;
        while (index + 1 < experiment.Phases.Count && Began(experiment.Phases[index + 1]) <= at)
        {
            index++;
        }

        var arm = assignment.Assign(unit, experiment.Phases[index].Exposure).Arm;
        for (
            var next = index + 1;
            arm == AssignedUnit.NoArm
                && next < experiment.Phases.Count
                && Began(experiment.Phases[next]) <= at + Tolerance;
            next++
        )
        {
            arm = assignment.Assign(unit, experiment.Phases[next].Exposure).Arm;
            index = arm == AssignedUnit.NoArm ? index : next;
        }

        return (experiment.Phases[index], arm);
    }

    /// <summary>Somebody whose clock is as far from ours as we bear may have seen this phase run.</summary>
    private static bool Ran(RunningExperiment experiment, int phase, DateTimeOffset at)
    {
        for (var i = 0; i < experiment.Phases.Count; i++)
        {
            if (experiment.Phases[i].Phase == phase)
            {
                return Began(experiment.Phases[i]) <= at + Tolerance
                    && (i + 1 == experiment.Phases.Count || Began(experiment.Phases[i + 1]) >= at - Tolerance);
            }
        }

        return false;
    }

    private static DateTimeOffset Began(PhaseStart phase) => phase.StartedAt?.ToDateTimeOffset() ?? default;

    private static string WhyNot(RunningExperiment experiment, PhaseStart phase, string unit) =>
        new Assignment(experiment).Assign(unit, Assignment.Buckets).TakesPart
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"takes no part: it is outside of the {phase.Exposure / 100.0:0.##} % of phase {phase.Phase}"
            )
            : "takes no part: it belongs to the family's holdout or to another test of the layer";
}
