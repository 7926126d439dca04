using System.Text;
using System.Text.Json;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Why;

/// <param name="Kind">Region, or <c>version</c>.</param>
/// <param name="Because">What it came of, as kind/id.</param>
public sealed record WhyStep(
    DateTimeOffset At,
    string Kind,
    string Id,
    string What,
    IReadOnlyCollection<string> Because
);

/// <summary>Why something is as it is, and what came of it. Its properties are the keys of the line of JSON.</summary>
/// <param name="Asked">As kind/id; several where they share an id.</param>
public sealed record WhySummary(IReadOnlyList<string> Asked, IReadOnlyList<WhyStep> Steps)
{
    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);

    public override string ToString()
    {
        var text = new StringBuilder();
        var subject = "";
        foreach (var step in Steps)
        {
            var of = $"{step.Kind}/{step.Id}";
            if (of != subject)
            {
                text.Append(of)
                    .Append(step.Because.Count > 0 ? $"  (of {string.Join(", ", step.Because)})" : "")
                    .Append('\n');
                subject = of;
            }

            text.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"  {step.At:yyyy-MM-dd HH:mm:ss}  {step.What}\n"
            );
        }

        return text.ToString().TrimEnd();
    }
}

/// <summary>Walks the journal from what is asked for back to what it came of, and on to what came of it.</summary>
public static class WhyRun
{
    /// <param name="id">Of a lineage, a retraining, a run, a version or an experiment.</param>
    /// <exception cref="StartRefusedException">The journal knows nothing of that id.</exception>
    public static Task<WhySummary> Run(RalmSettings settings, string id, CancellationToken ct) =>
        JournalReader.Open(
            settings,
            async journal =>
            {
                var causes = new JournalCauses();
                await journal.ForEach(causes.Hear, ct);
                return Of(causes.Chain, id);
            },
            ct
        );

    internal static WhySummary Of(CausalChain chain, string id)
    {
        var asked = chain.Named(id);
        return asked.Count == 0
            ? throw new StartRefusedException(
                $"the journal knows no lineage, retraining, run, version or experiment \"{id}\""
            )
            : new WhySummary(
                [.. asked.Select(s => $"{s}")],
                [
                    .. chain
                        .Around(asked)
                        .Select(s => new WhyStep(s.At, s.Of.Kind, s.Of.Id, s.What, chain.CausesOf(s.Of))),
                ]
            );
    }
}
