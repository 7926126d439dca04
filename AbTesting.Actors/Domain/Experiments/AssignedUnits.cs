using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Learning;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>Every answer a revision of a test can give, made once: what a unit gets depends on its arm and cell only.</summary>
internal sealed class AssignedUnits
{
    private readonly Assignment _assignment;
    private readonly ImmutableArray<AssignUnitReply> _replies;

    public AssignedUnits(RunningExperiment experiment)
    {
        _assignment = new Assignment(experiment);
        _replies =
        [
            .. experiment
                .Arms.Prepend(new Arm())
                .SelectMany(arm => Enumerable.Range(0, experiment.Cells).Select(c => Reply(arm, c))),
        ];
    }

    public long Revision => _assignment.Test.Revision;

    public AssignUnitReply For(string unit, Features? user)
    {
        var (experiment, assigned) = (_assignment.Test, _assignment.Assign(unit));
        var arm =
            experiment.Running && (experiment.Eligibility.Count == 0 || Eligibility.Holds(experiment.Eligibility, user))
                ? assigned.Arm
                : AssignedUnit.NoArm;
        return _replies[((arm + 1) * experiment.Cells) + assigned.Cell];
    }

    private AssignUnitReply Reply(Arm arm, int cell) =>
        new()
        {
            ExperimentId = _assignment.Test.ExperimentId,
            Arm = arm.Name,
            VersionId = arm.VersionId,
            LineageId = arm.LineageId,
            Cell = cell,
            Phase = _assignment.Test.Phase,
        };
}
