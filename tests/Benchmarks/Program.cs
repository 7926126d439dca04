using RalmActors.Benchmarks;
using RalmActors.Benchmarks.Support;

// ralm-bench [ROW ...] [--rounds N] [--out FILE] [--json]: no row means every row that is a rate; --json: a line a row.
if (args is [WorkerNode.Verb, var datasetRows])
{
    await WorkerNode.Serve(int.Parse(datasetRows, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

var rows = new List<string>();
var rounds = 5;
string? outFile = null;
var json = false;
string[] known = [.. Catalogue.Rows.Select(r => r.Id), .. Catalogue.ByName.Select(r => r.Id)];
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
        case "--json":
            json = true;
            break;
        case var name when known.Contains(name):
            rows.Add(name);
            break;
        default:
            Console.Error.WriteLine(
                $"bench: \"{args[i]}\" is neither a row ({string.Join(", ", known)}) "
                    + "nor --rounds 1..100 nor --out FILE nor --json"
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
        if (json)
        {
            Console.WriteLine(Report.Line(result));
        }
    }
}

var figures = new List<(string Id, string Text)>();
foreach (var row in Catalogue.ByName.Where(r => rows.Contains(r.Id)))
{
    Console.Error.Write($"{row.Id}: ");
    var made = row.Make();
    figures.Add((row.Id, await made.Run(cancel.Token)));
    Console.Error.WriteLine();
    if (json)
    {
        Console.WriteLine(Report.Line(made));
    }
}

if (json && outFile is null)
{
    return 0;
}

var report = Report.Write(results, figures, rounds);
outFile ??= $"tests/Benchmarks/results/{(results.Count == 0 ? "figures" : "latest")}.md";
if (!json)
{
    Console.WriteLine(report);
}

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(outFile))!);
await File.WriteAllTextAsync(outFile, report);
return 0;
