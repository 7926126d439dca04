using System.Globalization;

namespace RalmActors.ClusterHost.Settings;

/// <summary>How long a cluster waits before it gives up on nodes that say nothing. The same on all nodes.</summary>
/// <param name="ClaimLapse">Nobody has renewed the claim on the database for so long: the cluster that held it has ended.
/// 2 to 300 s, default 15 s.</param>
/// <param name="StableAfter">No node has come or gone for so long: a split is decided. 1 to 300 s, default 10 s.</param>
/// <param name="RemovalMargin">From there until the entities of a node that was given up start elsewhere: it must have ended
/// by then. 0 to 300 s, default 10 s.</param>
public sealed record ClusterSettings(TimeSpan ClaimLapse, TimeSpan StableAfter, TimeSpan RemovalMargin)
{
    private static readonly TimeSpan RenewedAtLeast = TimeSpan.FromSeconds(4);

    /// <summary>Often enough that one renewal may fail and the next be late, and a node that lost its database soon knows.</summary>
    public TimeSpan RenewEvery => ClaimLapse / 3.75 is var often && often < RenewedAtLeast ? often : RenewedAtLeast;

    /// <summary>What of it is Akka's to know.</summary>
    public string Hocon =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            akka.cluster {
              down-removal-margin = {{RemovalMargin.TotalMilliseconds:F0}}ms
              split-brain-resolver.stable-after = {{StableAfter.TotalMilliseconds:F0}}ms
            }
            """
        );

    internal static ClusterSettings Read(SettingsReader reader) =>
        new(
            TimeSpan.FromSeconds(reader.Between("Cluster:ClaimLapse", 15, 2, 300)),
            TimeSpan.FromSeconds(reader.Between("Cluster:StableAfter", 10, 1, 300)),
            TimeSpan.FromSeconds(reader.Between("Cluster:RemovalMargin", 10, 0, 300))
        );
}
