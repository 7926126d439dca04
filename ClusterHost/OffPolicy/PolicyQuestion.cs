using System.Globalization;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Serving;

namespace RalmActors.ClusterHost.OffPolicy;

public enum PolicyKind
{
    Version,
    Lineage,
}

/// <summary>Which policy is asked about, and about which decisions.</summary>
/// <param name="Family">Null: that of the lineage.</param>
/// <param name="Settings">Of the lineage, others than its own.</param>
/// <param name="LoggedBy">Arm or version whose decisions are asked; null: all.</param>
/// <param name="ExperimentId">Only its decisions, and its result; null: all, and the newest experiment that shows the policy.</param>
/// <param name="Exploration">How the policy would draw; null: as each decision was drawn.</param>
/// <param name="Cap">Of weights; null: none.</param>
public sealed record PolicyQuestion(
    PolicyKind Kind,
    string Id,
    string? Family,
    DateTimeOffset? From,
    DateTimeOffset? To,
    IReadOnlyDictionary<string, string> Settings,
    string? LoggedBy,
    string? ExperimentId,
    Exploration? Exploration,
    double? Cap
)
{
    /// <exception cref="CommandLineException">It is neither.</exception>
    public static (PolicyKind Kind, string Id) Parse(string policy) =>
        policy.Split(':', 2) switch
        {
            ["version", { Length: > 0 } id] => (PolicyKind.Version, id),
            ["lineage", { Length: > 0 } id] => (PolicyKind.Lineage, id),
            _ => throw new CommandLineException($"--policy \"{policy}\" must be version:ID or lineage:ID"),
        };

    /// <summary>"a=1,b=2".</summary>
    /// <exception cref="CommandLineException">It is not.</exception>
    public static IReadOnlyDictionary<string, string> Pairs(string option, string? text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair is not [{ Length: > 0 }, { Length: > 0 }] || !pairs.TryAdd(pair[0], pair[1]))
            {
                throw new CommandLineException($"{option} \"{part}\" must be NAME=VALUE, each name once");
            }
        }

        return pairs;
    }

    /// <summary>"none", or "epsilon=.1,temperature=1".</summary>
    /// <exception cref="CommandLineException">It is no exploration.</exception>
    public static Exploration? ExplorationOf(string? text)
    {
        if (text is null or "none")
        {
            return text is null ? null : new Exploration();
        }

        var exploration = new Exploration();
        foreach (var (name, value) in Pairs("--explore", text))
        {
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                throw new CommandLineException($"--explore \"{name}={value}\" must be a number");
            }

            switch (name)
            {
                case "epsilon":
                    exploration.Epsilon = number;
                    break;
                case "temperature":
                    exploration.Temperature = number;
                    break;
                default:
                    throw new CommandLineException($"--explore \"{name}\" must be epsilon or temperature, or none");
            }
        }

        return ExplorationRules.Check("--explore", exploration) is { } bad
            ? throw new CommandLineException($"{bad.Field} \"{bad.Value}\" {bad.Rule}")
            : exploration;
    }
}
