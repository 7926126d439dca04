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
    public static bool MayBe(ExperimentState test) => test.Definition is { } d && d.Salt != test.ExperimentId;

    public static ListExperiments Question(ExperimentState test) =>
        new()
        {
            Family = test.Definition!.Family,
            Salt = test.Definition.Salt,
            PageSize = MaxNamed,
        };

    public static ExperimentReply Warn(ExperimentReply test, ExperimentsReply alike)
    {
        string[] others = [.. alike.Experiments.Select(t => t.ExperimentId).Where(id => id != test.ExperimentId)];
        if (others.Length > 0)
        {
            test.Warnings.Add(
                $"the salt {test.Definition.Salt} is also that of {string.Join(", ", others)}: their arms have the same units, so one test's effect is seen in the other"
            );
        }

        return test;
    }
}
