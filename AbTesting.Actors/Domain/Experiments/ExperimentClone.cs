using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>A clone is made by the test that it becomes; who asked hears it from there.</summary>
internal static class ExperimentClone
{
    /// <summary>What the other test is told.</summary>
    public static CreateExperiment Creation(ExperimentState experiment, CloneExperiment clone)
    {
        var definition = DefinitionRules.Copy(experiment.Definition!);
        definition.Salt = "";
        // The definition may be another when the command is repeated.
        var header = clone.Header?.Clone() ?? new CommandHeader();
        header.AsSent ??= CommandDigest.Of(clone);
        return new CreateExperiment
        {
            Header = header,
            ExperimentId = clone.CloneId,
            Definition = definition,
            CopyOf = experiment.ExperimentId,
        };
    }
}
