using RalmActors.ClusterHost.Client;
using Spectre.Console;

namespace RalmActors.ClusterHost.Demo;

/// <summary>The summary for a person.</summary>
public static class DemoScreen
{
    /// <summary>One screen: what was learned, what was decided, what it cost.</summary>
    public static void Show(DemoSummary s, IAnsiConsole console)
    {
        var models = new Table().Border(TableBorder.Simple).Title("AUC, and its share of the best possible");
        models.AddColumns("", "before the drift", "after the drift", "its last quarter");
        models.AddRow("offline, validation", $"{s.OfflineValidAuc:F4} of {s.OfflineBayesAuc:F4}", "", "");
        foreach (var arm in new[] { s.Frozen, s.Online })
        {
            models.AddRow(arm.Arm, Describe(arm.BeforeDrift), Describe(arm.AfterDrift), Describe(arm.LastQuarter));
        }

        var seeds = s.Online;
        models.AddRow(
            "seeds, online",
            $"{seeds.BeforeDrift.Seeds}",
            $"{seeds.AfterDrift.Seeds}",
            $"{seeds.LastQuarter.Seeds}"
        );

        var facts = new Grid().AddColumns(2);
        facts.AddRow(
            "noticed",
            $"predictions became worse: {s.Alarms}; a copy learned faster and took over: {s.ReactionsWon}"
        );
        facts.AddRow("verdict", Markup.Escape(s.Verdict.Recommendation));
        facts.AddRow("promoted", s.PromotedVersion.Length > 0 ? s.PromotedVersion : "nothing");
        if (s.Retrained is { } retrained)
        {
            facts.AddRow(
                "retrained",
                Markup.Escape($"on {retrained.Rows:N0} rows behind the alarm, {retrained.Outcome}: {retrained.Reason}")
            );
        }

        facts.AddRow(
            "samples",
            $"{s.SamplesAccepted:N0} accepted, {s.SamplesLearned:N0} learned, "
                + $"{s.SamplesPassedOver + s.SamplesSetAside} passed over or set aside, {s.SamplesPending} pending, "
                + $"{s.SamplesLost} lost, {s.SamplesDoubled} doubled"
        );
        facts.AddRow("with seeds", $"{s.SamplesWithLookAlike:N0} of these, learned from what the seeds said then");
        facts.AddRow("offline weights", Short(s.OfflineWeightsHash));
        facts.AddRow(
            "online weights",
            $"{Short(s.LineageWeightsHash)}{(s.Replays ? ", the same when replayed" : ", NOT the same when replayed")}"
        );
        facts.AddRow("add a sample", Describe(s.AddSample));
        facts.AddRow("score", Describe(s.Score));
        facts.AddRow(
            "served",
            $"what a sample taught: p50 {s.PublishedAfterP50Ms} ms, p95 {s.PublishedAfterP95Ms} ms later"
        );
        facts.AddRow("assign", $"{s.AssignmentNs} ns");
        facts.AddRow("watched", $"{s.MetricsWatched} metrics of this node, {s.Alerts} alerts");
        facts.AddRow("cost", $"{s.DurationS} s, {s.PeakMemoryMb} MB at most");
        console.Write(models);
        console.Write(facts);
        if (s.Retrained is { } loop)
        {
            console.WriteLine();
            console.WriteLine($"why {loop.RetrainingId}, by the journal:");
            foreach (var step in loop.Why)
            {
                console.WriteLine($"  {step}");
            }
        }
    }

    /// <summary>Enough of a hash to compare by eye on one line; <c>--json</c> has it whole.</summary>
    private static string Short(string hash) => $"{hash[..16]}...";

    private static string Describe(AucPair p) =>
        p.BayesAuc == 0 ? "-" : $"{p.Auc:F4} of {p.BayesAuc:F4} ({100 * p.OfBayes:F1} %)";

    private static string Describe(LatencySummary l) => $"p50 {l.P50Ms} ms, p99 {l.P99Ms} ms ({l.Count:N0})";
}
