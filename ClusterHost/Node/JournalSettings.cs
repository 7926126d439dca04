using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>The settings of verbs that read a journal and start no node.</summary>
public static class JournalSettings
{
    /// <param name="data">The node's data folder; null: as this process is set.</param>
    /// <exception cref="StartRefusedException">There is no database.</exception>
    public static RalmSettings Of(string? data)
    {
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (data is not null)
        {
            options["Node:DataPath"] = data;
        }

        var settings = RalmSettings.Read(ProcessSettings.Written(options));
        var persistence = SqlDatabase.Of(settings.Persistence);
        if (persistence.SqliteFile is { } file && !File.Exists(file))
        {
            throw new StartRefusedException($"there is no database {file}: name the node's data folder with --data");
        }

        return settings;
    }
}
