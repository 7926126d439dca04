using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace RalmActors.Benchmarks;

/// <summary>The table that is committed: ratios first, since absolute figures belong to one machine.</summary>
public static class Report
{
    public static string Write(
        IReadOnlyList<Result> results,
        IReadOnlyList<(string Id, string Text)> figures,
        int rounds
    )
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmarks: product against peer or ceiling, same run");
        text.AppendLine();
        var machine =
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}.";
        if (results.Count > 0)
        {
            text.AppendLine($"{rounds} alternating rounds each; median (interquartile range). {machine}").AppendLine();
            Table(text, results);
        }
        else
        {
            text.AppendLine(machine);
        }

        foreach (var (id, note) in results.Select(r => (r.Row.Id, r.Row.Note)).Concat(figures))
        {
            text.Append(note.Length > 0 ? $"\n**{id}.** {note}\n" : "");
        }

        return text.ToString();
    }

    /// <summary>One row as a line of JSON, for machines.</summary>
    public static string Line(Result result)
    {
        var line = new JsonObject
        {
            ["row"] = result.Row.Id,
            ["ratio_wall"] = Math.Round(result.Wall.Median, 4),
            ["ratio_cpu"] = Math.Round(result.Cpu.Median, 4),
            ["must"] = result.Row.Must,
            ["stretch"] = result.Row.Stretch,
            ["product_per_s"] = Math.Round(result.ProductRate.Median, 1),
            ["peer_per_s"] = Math.Round(result.PeerRate.Median, 1),
        };
        foreach (var (name, value) in result.Row.Figures)
        {
            line[name] = Math.Round(value, 4);
        }

        return line.ToJsonString();
    }

    /// <inheritdoc cref="Line(Result)"/>
    public static string Line(IFigures row)
    {
        var line = new JsonObject { ["row"] = row.Id };
        foreach (var (name, value) in row.Numbers)
        {
            line[name] = Math.Round(value, 5);
        }

        return line.ToJsonString();
    }

    private static void Table(StringBuilder text, IReadOnlyList<Result> results)
    {
        text.AppendLine(
            "| Row | Product | Peer or ceiling | Unit/s product | Unit/s peer | Ratio, wall | Ratio, CPU | Must / stretch | | Load |"
        );
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var r in results)
        {
            text.AppendLine(
                $"| {r.Row.Id} | {r.Row.Product} | {r.Row.Peer} | {r.ProductRate.Median:N0} {r.Row.Unit} "
                    + $"| {r.PeerRate.Median:N0} {r.Row.Unit} | {r.Wall} | {r.Cpu} | {r.Row.Must} / {r.Row.Stretch} "
                    + $"| {r.Judgement} | {r.Load:F1} |"
            );
        }
    }
}
