using System.CommandLine;
using Ralm.Drift.Anomalies;
using RalmActors.ClusterHost.Anomalies;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>anomalies</c>: points of a series that somebody should look at, or a benchmark of finding them. No node is needed for that.</summary>
public static class AnomaliesCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "CSV file of timestamp and value, or a folder laid out as the Numenta Anomaly Benchmark",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var command = new Command("anomalies", "points of a series that somebody should look at") { data, json };
        command.SetAction(
            async (parsed, ct) =>
            {
                var path = parsed.GetValue(data)!;
                var isJson = parsed.GetValue(json);
                // Beside the command: one that has not come to its first await is not told of Ctrl-C.
                Console.WriteLine(await Task.Run(() => Run(path, isJson, ct), ct));
                return 0;
            }
        );
        return command;
    }

    private static string Run(string path, bool isJson, CancellationToken ct)
    {
        if (Directory.Exists(path))
        {
            var scored = NabRun.Run(NabFolder.Open(path, ct), new AnomalyDetector(), ct);
            return isJson ? scored.ToJson() : scored.ToString();
        }

        if (!File.Exists(path))
        {
            throw new CommandLineException($"--data {path}: no such file or folder");
        }

        var found = SeriesSummary.Of(SeriesFile.Read(path, ct), new AnomalyDetector());
        return isJson ? found.ToJson() : found.ToString();
    }
}
