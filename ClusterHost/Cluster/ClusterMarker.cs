using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Cluster;

/// <summary>The row that says whose database this is.</summary>
/// <param name="ClusterId">Made at the first start, for ever.</param>
/// <param name="Format">What a release must know to use the database.</param>
/// <param name="CreatedBy">The release that made it.</param>
/// <param name="Shards">How many shards each region has; fixed for the life of the data.</param>
/// <param name="Holder">The node that renewed the claim last, <c>host:port#incarnation</c>; empty: nobody yet.</param>
/// <param name="Beat">Grows with every renewal.</param>
/// <param name="AgeMs">Since the last renewal, by the database's clock.</param>
public sealed record ClusterMarker(
    string ClusterId,
    int Format,
    string CreatedBy,
    string Shards,
    string Holder,
    long Beat,
    long AgeMs
)
{
    /// <summary>Raised when an earlier release must not use the database any more.</summary>
    public const int KnownFormat = 1;

    /// <summary>A clock that was set back makes an age below zero: then only watching tells.</summary>
    /// <param name="lapse">Nobody renewed for so long: the cluster that held the claim has ended.</param>
    public bool HasLapsed(TimeSpan lapse) => Holder.Length == 0 || AgeMs > lapse.TotalMilliseconds;

    /// <summary>The name a person can look for.</summary>
    public string HolderName => Holder.Split('#')[0];

    /// <exception cref="StartRefusedException">This release, or this node, must not use the database.</exception>
    public void Check(string shards)
    {
        if (Format > KnownFormat)
        {
            throw new StartRefusedException(
                $"the database was written by a newer release ({CreatedBy}, format {Format}; this one knows {KnownFormat}): "
                    + "start that release, or restore a backup of before"
            );
        }

        if (Shards != shards)
        {
            throw new StartRefusedException(
                $"cluster {ClusterId} was made with other shards ({Shards}; this release has {shards}): "
                    + "their number is fixed for the life of the data"
            );
        }
    }
}

/// <summary>Whether a node may renew the claim, from what it reads and whom it knows. Pure.</summary>
public static class ClaimRule
{
    /// <param name="known">Every member this node has seen in its own cluster, itself included.</param>
    public static bool IsOurs(ClusterMarker marker, IReadOnlySet<string> known, TimeSpan lapse) =>
        marker.HasLapsed(lapse) || known.Contains(marker.Holder);
}
