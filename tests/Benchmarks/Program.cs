using RalmActors.Benchmarks;
using RalmActors.Benchmarks.Support;

// ralm-bench [ROW ...] [--rounds N] [--out FILE]: no row means every row.
if (args is [WorkerNode.Verb, var datasetRows])
{
    await WorkerNode.Serve(int.Parse(datasetRows, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

var rows = new List<string>();
var rounds = 5;
var outFile = "tests/Benchmarks/results/latest.md";
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--rounds" when i + 1 < args.Length && int.TryParse(args[i + 1], out var n) && n is >= 1 and <= 100:
            rounds = n;
            i++;
            break;
        case "--out" when i + 1 < args.Length:
            outFile = args[++i];
            break;
        case var name when Catalogue.Rows.Any(r => r.Id == name):
            rows.Add(name);
            break;
        default:
            Console.Error.WriteLine(
                $"bench: \"{args[i]}\" is neither a row ({string.Join(", ", Catalogue.Rows.Select(r => r.Id))}) "
                    + "nor --rounds 1..100 nor --out FILE"
            );
            return 2;
    }
}

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancel.Cancel();
};

var results = new List<Result>();
foreach (var row in Catalogue.Rows.Where(r => rows.Count == 0 || rows.Contains(r.Id)))
{
    if (await Runner.Run(row.Make(), rounds, cancel.Token) is { } result)
    {
        results.Add(result);
    }
}

var report = Report.Write(results, rounds);
Console.WriteLine(report);
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(outFile))!);
await File.WriteAllTextAsync(outFile, report);
return 0;
