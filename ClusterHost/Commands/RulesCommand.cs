using System.CommandLine;
using Google.Protobuf;
using RalmActors.ClusterHost.RuleTests;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Actors;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>rules</c>: what alerts would say of series that are given, and those that a node has of its own. No node is needed for that.</summary>
public static class RulesCommand
{
    public static Command Create() =>
        new Command("rules", "test rules of alerts, or show those that a node has of its own") { Test(), Default() };

    private static Command Test()
    {
        var file = new Argument<string>("file")
        {
            Description = "YAML or JSON: rules, series, and which rules fire when",
        };
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var command = new Command("test", "play series to rules, and compare") { file, json };
        command.SetAction(parsed => Run(parsed.GetValue(file)!, parsed.GetValue(json)));
        return command;
    }

    private static Command Default()
    {
        var command = new Command(
            "default",
            "the rules of a node that nobody has given any, as POST .../rules takes them"
        );
        command.SetAction(_ =>
        {
            var rules = new SetRules { Rules = { NodeRules.Default } };
            Console.WriteLine(
                new JsonFormatter(
                    JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithIndentation()
                ).Format(rules)
            );
            return 0;
        });
        return command;
    }

    private static int Run(string file, bool json)
    {
        if (!File.Exists(file))
        {
            throw new CommandLineException($"{file}: no such file");
        }

        try
        {
            var run = RuleTestRun.Of(RuleTestFile.Read(File.ReadAllText(file)));
            Console.WriteLine(json ? run.ToJson() : run.ToString());
            return run.IsAsExpected ? 0 : 1;
        }
        catch (FormatException e)
        {
            throw new CommandLineException($"{file}: {e.Message}", e);
        }
    }
}
