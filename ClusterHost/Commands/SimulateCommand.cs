using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Ralm.Datasets.Preparation;
using RalmActors.AbTesting.Actors;
using RalmActors.AbTesting.Domain.Simulation;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.AbTesting;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>simulate</c>: how often a design would be wrong, and how often right, by the code that will decide.</summary>
public static class SimulateCommand
{
    private static readonly (string Name, MetricKind Kind)[] Metrics =
    [
        ("binary", MetricKind.Binary),
        ("count", MetricKind.Count),
        ("revenue", MetricKind.Continuous),
        ("ratio", MetricKind.Ratio),
    ];

    private static readonly (string Name, Method Method)[] Methods =
    [
        ("always_valid", Method.AlwaysValid),
        ("msprt", Method.Msprt),
        ("group_sequential", Method.GroupSequential),
        ("fixed_horizon", Method.FixedHorizon),
        ("bayesian", Method.Bayesian),
    ];

    public static Command Create()
    {
        var split = new Option<double[]>("--split")
        {
            Description = "shares of the units, the control first: 5:95; default 50:50",
            CustomParser = Split,
        };
        var metric = Named("--metric", "binary, count, revenue or ratio; default binary", Metrics);
        var rate = new Option<double>("--rate")
        {
            Description = "the control's share (binary), mean (count), share of buyers (revenue) or ratio; default .1",
            DefaultValueFactory = _ => 0.1,
        };
        var effect = new Option<double>("--effect") { Description = "added to the rate in the other arms; default 0" };
        var units = Whole("--units", "that come, over all arms; default 3000", 3_000);
        var every = Whole("--look-every", "units between two looks; default 50", 50);
        var method = Named(
            "--method",
            "always_valid (default), msprt, group_sequential, fixed_horizon, bayesian",
            Methods
        );
        var alpha = new Option<double>("--alpha") { Description = "default .05", DefaultValueFactory = _ => 0.05 };
        alpha.Validators.Add(given => Positive(given, "--alpha", given.GetValueOrDefault<double>()));
        var runs = Whole("--runs", "how often; default 1000", 1_000);
        var seed = new Option<long>("--seed") { Description = "default 42", DefaultValueFactory = _ => 42 };
        var file = new Option<FileInfo?>("--definition")
        {
            Description = "ExperimentDefinition as JSON, in place of split, metric, method and alpha",
        };
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var command = new Command("simulate", "play an experiment before anybody is exposed: how often is it wrong?")
        {
            split,
            metric,
            rate,
            effect,
            units,
            every,
            method,
            alpha,
            runs,
            seed,
            file,
            json,
        };
        command.SetAction(
            (parsed, ct) =>
            {
                var definition = Definition(parsed.GetValue(file));
                var design = new SimulationDesign
                {
                    Definition = definition,
                    Split = { parsed.GetValue(split) ?? [] },
                    Metric = parsed.GetValue(metric),
                    Rates = { parsed.GetValue(rate) },
                    Effect = parsed.GetValue(effect),
                    Units = parsed.GetValue(units),
                    LookEvery = parsed.GetValue(every),
                    Method = parsed.GetValue(method),
                    Alpha = parsed.GetValue(alpha),
                    Runs = parsed.GetValue(runs),
                    Seed = parsed.GetValue(seed),
                };
                return Task.FromResult(Run(design, parsed.GetValue(json), ct));
            }
        );
        return command;
    }

    private static ExperimentDefinition? Definition(FileInfo? file)
    {
        try
        {
            return file is null ? null : JsonFile.Read<ExperimentDefinition>(file.FullName);
        }
        catch (CommandLineException e)
        {
            throw new CommandLineException($"--definition {e.Message}", e);
        }
    }

    private static int Run(SimulationDesign given, bool json, CancellationToken ct)
    {
        var design = DesignRules.Complete(given);
        if (DesignRules.Check(design) is { } bad)
        {
            var field = bad.Field == "rates[0]" ? "--rate" : bad.Field;
            throw new CommandLineException($"{field}: '{bad.Value}' {bad.Rule}");
        }

        var (played, line) = (0, Console.IsErrorRedirected ? null : Console.Error);
        try
        {
            var result = Simulator.Play(design, ct, Count);
            line?.Write("\r\u001b[K");
            Console.WriteLine(json ? Json(result) : Words(design, result));
            return 0;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            var said = $"stopped after {played:N0} of {design.Runs:N0} runs";
            Console.Error.WriteLine($"\nralm: {said}");
            StartErrors.Tell(said, json);
            return StartErrors.Failed;
        }

        void Count()
        {
            var now = Interlocked.Increment(ref played);
            if (line is not null && now % Math.Max(1, design.Runs / 100) == 0)
            {
                line.Write($"\r{now:N0} of {design.Runs:N0} runs");
            }
        }
    }

    private static string Json(SimulationResult r) =>
        JsonSerializer.Serialize(
            new
            {
                false_primary = r.FalsePrimary,
                false_guardrail = r.FalseGuardrail,
                false_rollout = r.FalseRollout,
                coverage = r.Coverage,
                power = r.Power,
                median_units = r.MedianUnits,
                runs = r.Runs,
            }
        );

    private static string Words(SimulationDesign design, SimulationResult r) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {r.Runs:N0} runs of {design.Units:N0} units, a look every {design.LookEvery:N0}
              names a winner falsely           {r.FalsePrimary, 7:P1}
              calls a guardrail broken falsely {r.FalseGuardrail, 7:P1}
              withdraws a rollout falsely      {r.FalseRollout, 7:P1}
              its interval holds the truth     {r.Coverage, 7:P1}
              finds the effect                 {r.Power, 7:P1}{(
                r.MedianUnits > 0 ? $", half of them by {r.MedianUnits:N0} units" : ""
            )}
            """
        );

    private static double[]? Split(ArgumentResult given)
    {
        var text = given.Tokens[0].Value;
        var parts = text.Split(':');
        var shares = parts
            .Select(p =>
                double.TryParse(p, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) ? x : double.NaN
            )
            .ToArray();
        if (shares.Length >= 2 && shares.All(s => s > 0))
        {
            return shares;
        }

        given.AddError($"--split: '{text}' must be shares above 0 of the control and the other arms, as in 5:95");
        return null;
    }

    private static Option<int> Whole(string name, string description, int otherwise)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(given => Positive(given, name, given.GetValueOrDefault<int>()));
        return option;
    }

    /// <summary>In the message 0 stands for the default: whoever writes it means something else.</summary>
    private static void Positive(OptionResult given, string name, double value)
    {
        if (!(value > 0))
        {
            given.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: '{value}' must be above 0"));
        }
    }

    private static Option<T> Named<T>(string name, string description, (string Name, T Value)[] all) =>
        new(name)
        {
            Description = description,
            HelpName = "name",
            DefaultValueFactory = _ => all[0].Value,
            CustomParser = given =>
            {
                var text = given.Tokens[0].Value;
                foreach (var (known, value) in all)
                {
                    if (string.Equals(known, text, StringComparison.OrdinalIgnoreCase))
                    {
                        return value;
                    }
                }

                given.AddError($"{name}: '{text}' must be one of {string.Join(", ", all.Select(x => x.Name))}");
                return all[0].Value;
            },
        };
}
