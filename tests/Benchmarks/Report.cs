using System.Runtime.InteropServices;
using System.Text;

namespace RalmActors.Benchmarks;

/// <summary>The table that is committed: ratios first, since absolute figures belong to one machine.</summary>
public static class Report
{
    public static string Write(IReadOnlyList<Result> results, int rounds)
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmarks: product against peer or ceiling, same run");
        text.AppendLine();
        text.AppendLine(
            $"{rounds} alternating rounds each; median (interquartile range). {Environment.ProcessorCount} cores, "
                + $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}."
        );
        text.AppendLine();
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

        foreach (var r in results.Where(r => r.Row.Note.Length > 0))
        {
            text.AppendLine().AppendLine($"**{r.Row.Id}.** {r.Row.Note}");
        }

        return text.ToString();
    }
}
