using System.Text.RegularExpressions;
using Serilog.Core;
using Serilog.Events;

namespace RalmActors.ClusterHost.Logging;

/// <summary>Keeps who somebody is and where they are out of the logs, whatever a message template was given.</summary>
public sealed partial class PersonalDataMask : ILogEventEnricher
{
    public const string Mask = "***";

    private static readonly HashSet<string> Personal = new(StringComparer.OrdinalIgnoreCase)
    {
        "UserId",
        "CandidateId",
        "Unit",
        "Latitude",
        "Longitude",
        "Position",
        "Profile",
        "Features",
        "ApiKey",
        "Authorization",
        "ConnectionString",
        "Password",
    };

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToArray())
        {
            var masked = Masked(name, value);
            if (!ReferenceEquals(masked, value))
            {
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, masked));
            }
        }
    }

    private static LogEventPropertyValue Masked(string name, LogEventPropertyValue value) =>
        value switch
        {
            _ when Personal.Contains(name.Replace("_", "", StringComparison.Ordinal)) => new ScalarValue(Mask),
            ScalarValue { Value: string text } when WithoutIds(text) is var clean && clean != text => new ScalarValue(
                clean
            ),
            StructureValue nested => new StructureValue(
                nested.Properties.Select(p => new LogEventProperty(p.Name, Masked(p.Name, p.Value))),
                nested.TypeTag
            ),
            SequenceValue items => new SequenceValue(items.Elements.Select(item => Masked("", item))),
            _ => value,
        };

    /// <summary>User ids also travel in actor paths and persistence ids.</summary>
    private static string WithoutIds(string text) => EntityName().Replace(text, "${before}" + Mask);

    [GeneratedRegex(
        @"(?<before>/sharding/user/[^/\s]+/|\buser-)[A-Za-z0-9._:@%/-]+",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex EntityName();
}
