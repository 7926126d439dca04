namespace RalmActors.Messages.AbTesting;

/// <summary>The follow-up test in which a promotion shows its winner to more and more units.</summary>
public static class Rollouts
{
    /// <summary>Whoever names a test takes part in its rollout once that runs: both ends find it by name alone.</summary>
    public static string IdOf(string experimentId) => $"{experimentId}:rollout";
}
