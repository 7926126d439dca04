using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The file <c>cluster</c> of a data folder: which cluster its node belongs to. It tells a new node from one whose
/// database has been emptied or exchanged.
/// </summary>
/// <param name="ClusterId"><c>null</c>: the folder has not belonged to any yet.</param>
public sealed record FolderMark(string File, string? ClusterId)
{
    public const string Name = "cluster";

    public static FolderMark In(string folder)
    {
        var file = Path.Combine(folder, Name);
        var id = System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file).Trim() : "";
        return new FolderMark(file, id.Length > 0 ? id : null);
    }

    /// <exception cref="StartRefusedException">The database is another one's.</exception>
    public void Check(string clusterId)
    {
        if (ClusterId is not null && ClusterId != clusterId)
        {
            throw new StartRefusedException(
                $"the data folder belongs to cluster {ClusterId}, the database to cluster {clusterId}: name the right "
                    + $"database or folder; to take the database as it is, delete {File}"
            );
        }
    }

    /// <summary>What to say of a database that has nothing in it, or <c>null</c> where that is right.</summary>
    public string? Misses(string database, string what) =>
        ClusterId is null
            ? null
            : $"{database} {what}, but this data folder belongs to cluster {ClusterId}: restore the database from a backup "
                + $"(docs/operations.md); to begin anew with nothing, delete {File}";

    public void Write(string clusterId)
    {
        if (ClusterId is null)
        {
            OwnerOnly.Write(File, clusterId);
        }
    }
}
