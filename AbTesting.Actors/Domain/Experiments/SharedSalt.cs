using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// Two tests of a family with one salt put a unit into the same place of their arms: what the one does is seen in the other.
/// Meant for a follow-up perhaps, and warned about.
/// </summary>
internal static class SharedSalt
{
    private const int MostNamed = 20;

    /// <summary>A salt that was left out is the test's id, which nobody else has.</summary>
    public static bool MayBe(TestState test) => test.Definition is { } d && d.Salt != test.TestId;

    public static ListTests Question(TestState test) =>
        new()
        {
            Family = test.Definition!.Family,
            Salt = test.Definition.Salt,
            PageSize = MostNamed,
        };

    public static TestReply Warn(TestReply test, TestsReply alike)
    {
        string[] others = [.. alike.Tests.Select(t => t.TestId).Where(id => id != test.TestId)];
        if (others.Length > 0)
        {
            test.Warnings.Add(
                $"the salt {test.Definition.Salt} is also that of {string.Join(", ", others)}: their arms have the same units, so one test's effect is seen in the other"
            );
        }

        return test;
    }
}
