using System.Diagnostics;
using RalmActors.TestSupport;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>A lineage's weights computed anew from its journal, by the product's own command in a process of its own.</summary>
internal static class HostReplay
{
    /// <returns>Its line of JSON; null: it has failed.</returns>
    public static async Task<string?> Try(string data, string lineage)
    {
        var host = RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host");
        var start = new ProcessStartInfo(host, ["replay", "--lineage", lineage, "--data", data, "--json"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim().Split('\n')[^1] : null;
    }
}
