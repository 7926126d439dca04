namespace RalmActors.Scorer.Domain.Seeds;

/// <summary>When the clusters of a candidate's seeds are made anew: after enough changes or enough time, whichever is first.</summary>
/// <param name="AfterChange">Share of the seeds that were clustered.</param>
/// <param name="Every">After the first change.</param>
public sealed record ClusterRule(double AfterChange, TimeSpan Every)
{
    private const double Rounding = 1e-9;

    /// <param name="changes">Seeds that have come or gone since the clusters were made.</param>
    /// <param name="clustered">Seeds there were then.</param>
    /// <param name="since">The first of these changes.</param>
    public bool IsDue(int changes, int clustered, TimeSpan since) =>
        changes > 0 && (changes >= (AfterChange * clustered) - Rounding || since >= Every);
}
