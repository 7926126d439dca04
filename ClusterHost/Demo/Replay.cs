using System.Diagnostics;
using System.Text.Json;
using Ralm.Models.Training;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Runs this program's own <c>replay</c> verb: another process, which knows nothing but the journal.</summary>
public static class Replay
{
    /// <param name="dataPath">The node's data folder, or <c>null</c> for the one this process is set to.</param>
    public static async Task<ReplayedLineage> InNewProcess(string? dataPath, string lineageId, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Replay).Assembly.Location);
        }

        string[] data = dataPath is null ? [] : ["--data", dataPath];
        foreach (var argument in new[] { "replay", "--lineage", lineageId, "--json" }.Concat(data))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("cannot start a process");
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        var errors = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<ReplayedLineage>(output, JsonLine.Options)!
            : throw new InvalidOperationException($"replay of {lineageId} failed: {errors}");
    }
}
