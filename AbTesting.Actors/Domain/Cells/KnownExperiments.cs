using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// Tests as a node knows them, to send evidence to its cell. What a node hears late it does not hold against anybody: where
/// the test is new to it, has not begun or does not let the unit take part, the test itself is asked once.
/// </summary>
internal sealed class KnownExperiments
{
    private readonly Dictionary<string, Assignment> _tests = new(StringComparer.Ordinal);

    /// <summary>Of two revisions of a test the higher counts, however late it arrives.</summary>
    public void Learn(RunningExperiment experiment)
    {
        if (_tests.GetValueOrDefault(experiment.ExperimentId)?.Test.Revision >= experiment.Revision)
        {
            return;
        }

        _tests[experiment.ExperimentId] = new Assignment(experiment);
    }

    /// <summary>The test is to be asked before this is sent on.</summary>
    public bool IsDoubtful(Evidence evidence) =>
        !_tests.TryGetValue(evidence.ExperimentId, out var known)
        || known.Test.Phases.Count == 0
        || !known.Assign(evidence.Unit).TakesPart;

    /// <summary>The same, with its cell and with the test as it is known here; or why there is none.</summary>
    public (ICommand? Routed, Rejection? Rejection) Route(Evidence evidence)
    {
        if (!_tests.TryGetValue(evidence.ExperimentId, out var known))
        {
            return (null, Rejections.NotFound("experiment_id", evidence.ExperimentId, "has not been created"));
        }

        var cell = known.Assign(evidence.Unit).Cell;
        return evidence.Cell is { } sent && sent != cell
            ? (null, Placement.NotItsCell(sent, cell, evidence.Unit))
            : (evidence.Addressed(cell, known.Test), null);
    }
}

/// <summary>An exposure or an outcome, as far as it is to be sent on.</summary>
internal sealed record Evidence(ICommand Command, string ExperimentId, string Unit, int? Cell, RunningExperiment? Test)
{
    public static Evidence Of(RecordExposure c) => new(c, c.ExperimentId, c.Unit, c.HasCell ? c.Cell : null, c.Test);

    public static Evidence Of(RecordOutcome c) => new(c, c.ExperimentId, c.Unit, c.HasCell ? c.Cell : null, c.Test);

    /// <summary>What can be said before a cell is found.</summary>
    public Rejection? Check() =>
        Ids.Check("experiment_id", ExperimentId)
        ?? Ids.Check("unit", Unit)
        ?? (Test is null ? null : Rejections.Invalid("test", "", "must be left out"));

    public ICommand Addressed(int cell, RunningExperiment experiment)
    {
        if (Command is RecordExposure exposure)
        {
            exposure = exposure.Clone();
            (exposure.Cell, exposure.Test) = (cell, experiment);
            return exposure;
        }

        var outcome = ((RecordOutcome)Command).Clone();
        (outcome.Cell, outcome.Test) = (cell, experiment);
        return outcome;
    }
}
