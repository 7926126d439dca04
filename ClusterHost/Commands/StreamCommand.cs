using System.CommandLine;
using Ralm.Datasets.Streams;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Training;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>stream</c>: rows that are nobody's, each scored and then learned. No node is needed for that.</summary>
public static class StreamCommand
{
    private const int DefaultSeed = 42;

    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "dataset.json with rows, or its folder",
            Required = true,
        };
        var seed = new Option<int?>("--seed") { Description = $"of the first weights, default {DefaultSeed}" };
        var badRows = PreparationFlags.MaxBadRows();
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var command = new Command("stream", "score and then learn the rows of a table, one by one")
        {
            data,
            seed,
            badRows,
            json,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                if (parsed.GetValue(seed) is < 0 and var wrong)
                {
                    throw new CommandLineException($"--seed \"{wrong}\" must be 0 or more");
                }

                var path = parsed.GetValue(data)!;
                // Beside the command: one that has not come to its first await is not told of Ctrl-C.
                var summary = await Task.Run(
                    () =>
                        Run(
                            Directory.Exists(path) ? Path.Combine(path, "dataset.json") : path,
                            parsed.GetValue(seed) ?? DefaultSeed,
                            parsed.GetValue(badRows),
                            isTold: !parsed.GetValue(json),
                            ct
                        ),
                    ct
                );
                Console.WriteLine(parsed.GetValue(json) ? summary.ToJson() : summary);
                return 0;
            }
        );
        return command;
    }

    private static StreamSummary Run(string description, int seed, int maxBadRows, bool isTold, CancellationToken ct)
    {
        var stream = RowStream.Open(description, maxBadRows, ct);
        if (isTold && stream.Guesses.Length > 0)
        {
            Console.WriteLine(
                $"columns, by the first rows:\n{string.Join('\n', stream.Guesses.Select(g => $"  {g}"))}"
            );
        }

        return new StreamRun(stream, (ulong)seed, new ProgressView()).Run(ct);
    }
}
