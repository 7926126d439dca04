using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// Two tests of a family with one salt put a unit into the same place of their arms: what the one does is seen in the other.
/// Meant for a follow-up perhaps, and warned about.
/// </summary>
internal static class SharedSalt
{
    private const int MaxNamed = 20;

    /// <summary>A salt that was left out is the test's id, which nobody else has.</summary>
    public static bool MayBe(ExperimentState experiment) =>
        experiment.Definition is { } d && d.Salt != experiment.ExperimentId;

    public static ListExperiments Question(ExperimentState experiment) =>
        new()
        {
            Family = experiment.Definition!.Family,
            Salt = experiment.Definition.Salt,
            PageSize = MaxNamed,
        };

    public static ExperimentReply Warn(ExperimentReply experiment, ExperimentsReply alike)
    {
        string[] others = [.. alike.Experiments.Select(t => t.ExperimentId).Where(id => id != experiment.ExperimentId)];
        if (others.Length > 0)
        {
            experiment.Warnings.Add(
                $"the salt {experiment.Definition.Salt} is also that of {string.Join(", ", others)}: their arms have the same units, so one test's effect is seen in the other"
            );
        }

        return experiment;
    }
}
