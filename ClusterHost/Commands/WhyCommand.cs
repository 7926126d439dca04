using System.CommandLine;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Why;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>why</c>: from alarm to verdict, or back: the journal's own account.</summary>
public static class WhyCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "of a lineage, retraining, run, version or experiment" };
        var data = new Option<string?>("--data") { Description = "the node's data folder, default ./data" };
        var json = new Option<bool>("--json") { Description = "one line of JSON" };
        var command = new Command("why", "what something came of, and what came of it, by the journal")
        {
            id,
            data,
            json,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var settings = JournalSettings.Of(parsed.GetValue(data));
                var summary = await WhyRun.Run(settings, parsed.GetValue(id)!, ct);
                Console.WriteLine(parsed.GetValue(json) ? summary.ToJson() : summary);
                return 0;
            }
        );
        return command;
    }
}
