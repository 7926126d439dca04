using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Alerts;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain;

/// <summary>
/// The memory of one source: its series, rules, alerts and silences. Each sampling is one event, and the alerts it moves
/// are journaled with it: an acknowledged sampling survives like every other acknowledged command. Compression happens
/// here, in state and snapshot, not in the journal, whose samplings are needed only until the next snapshot.
/// </summary>
public sealed partial record CollectorState(string SourceId) : IEntityState<CollectorState>
{
    public const int MaxPoints = 1000;
    public const int MaxMetrics = 2000;
    public const int MaxReasonLength = 500;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromDays(30);

    public SeriesStore Series { get; private init; } = SeriesStore.Empty;

    public ImmutableArray<ThresholdRule> Rules { get; private init; } = [];

    /// <summary>By rule id; a rule without one is Inactive.</summary>
    public ImmutableDictionary<string, Alert> Alerts { get; private init; } = ImmutableDictionary<string, Alert>.Empty;

    /// <summary>By rule id.</summary>
    public ImmutableDictionary<string, AlertSilenced> Silences { get; private init; } =
        ImmutableDictionary<string, AlertSilenced>.Empty;

    public static CollectorState Empty(string entityId) => new(entityId);

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            RecordMetrics sampled => Check(sampled, now) ?? Record(sampled),
            SetRules set => ThresholdRules.Check(set.Rules) ?? Replace(set),
            SilenceAlert silence => Silence(silence, now),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public CollectorState Apply(IEvent e) =>
        e switch
        {
            MetricsRecorded recorded => this with
            {
                Series = Series
                    .Introduce(recorded.Introduced)
                    .Append(recorded.UnixMs, recorded.Metrics, recorded.Values),
            },
            AlertChanged changed => this with { Alerts = Alerts.SetItem(changed.Alert.RuleId, changed.Alert) },
            AlertSilenced silenced => this with
            {
                Silences = Silences.SetItem(silenced.RuleId, silenced),
                Alerts = Alerts.TryGetValue(silenced.RuleId, out var alert)
                    ? Alerts.SetItem(silenced.RuleId, Silenced(alert))
                    : Alerts,
            },
            RulesSet set => Adopt([.. set.Rules]),
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    private Decision? Check(RecordMetrics sampled, DateTimeOffset now)
    {
        if (sampled.At is null)
        {
            return Decision.Invalid("at", "", "must be the time of the sampling");
        }

        // A clock ahead by more would block every sampling until real time has caught up.
        if (Timestamps.CheckPast("at", sampled.At, now) is { } wrong)
        {
            return Decision.Refuse(wrong);
        }

        var at = sampled.At.ToDateTimeOffset();
        if (at.ToUnixTimeMilliseconds() <= Series.LatestUnixMs)
        {
            return Decision.Conflict("at", at.ToString("O"), "must be later than the newest sampling of the source");
        }

        if (sampled.Points.Count is 0 or > MaxPoints)
        {
            return Decision.Invalid("points", sampled.Points.Count, $"must be 1 to {MaxPoints} points");
        }

        var seen = new HashSet<string>(sampled.Points.Count, StringComparer.Ordinal);
        for (var i = 0; i < sampled.Points.Count; i++)
        {
            var name = sampled.Points[i].Name;
            if (Series.IndexOf(name) < 0 && !MetricNames.IsValid(name))
            {
                return Decision.Invalid($"points[{i}].name", name, MetricNames.Rule);
            }

            if (!sampled.Points[i].HasValue)
            {
                return Decision.Invalid($"points[{i}].value", "", "must be set");
            }

            if (!seen.Add(name))
            {
                return Decision.Invalid($"points[{i}].name", name, "must occur once in a sampling");
            }
        }

        var known = seen.Count(n => Series.IndexOf(n) >= 0);
        return Series.Metrics.Length + seen.Count - known > MaxMetrics
            ? Decision.Reject(
                RejectionCode.Overloaded,
                "points",
                sampled.Points.Count.ToString(),
                $"a source has at most {MaxMetrics} metrics"
            )
            : null;
    }

    private Decision Record(RecordMetrics sampled)
    {
        var at = sampled.At.ToDateTimeOffset();
        var recorded = new MetricsRecorded { UnixMs = at.ToUnixTimeMilliseconds() };
        foreach (var point in sampled.Points)
        {
            var index = Series.IndexOf(point.Name);
            if (index < 0)
            {
                index = Series.Metrics.Length + recorded.Introduced.Count;
                recorded.Introduced.Add(point.Name);
            }

            recorded.Metrics.Add((uint)index);
            recorded.Values.Add(point.Value);
        }

        var byName = Rules.IsEmpty
            ? []
            : sampled.Points.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        var changes = Rules
            .Where(r => byName.ContainsKey(r.Metric))
            .Select(r =>
                AlertMachine.Next(r, Alerts.GetValueOrDefault(r.RuleId), byName[r.Metric], at, IsSilenced(r.RuleId, at))
            )
            .OfType<Alert>()
            .Select(a => (IEvent)new AlertChanged { Alert = a });
        return new Decision([recorded, .. changes]);
    }

    private Decision Replace(SetRules set) =>
        set.Rules.SequenceEqual(Rules) ? Decision.Nothing : Decision.Accept(new RulesSet { Rules = { set.Rules } });

    private Decision Silence(SilenceAlert silence, DateTimeOffset now)
    {
        if (!Rules.Any(r => r.RuleId == silence.RuleId))
        {
            return Decision.NotFound("rule_id", silence.RuleId, "must name a rule of the source");
        }

        if (
            silence.Until is null
            || silence.Until.ToDateTimeOffset() is var until && (until <= now || until > now + MaxSilence)
        )
        {
            return Decision.Invalid("until", silence.Until, "must be after now and at most 30 days ahead");
        }

        return silence.Reason.Length > MaxReasonLength
            ? Decision.Invalid("reason", silence.Reason.Length, $"must be at most {MaxReasonLength} characters")
            : Decision.Accept(
                new AlertSilenced
                {
                    RuleId = silence.RuleId,
                    Until = silence.Until,
                    Reason = silence.Reason,
                }
            );
    }

    /// <summary>An alert whose rule is gone or asks another question now starts over.</summary>
    private CollectorState Adopt(ImmutableArray<ThresholdRule> rules)
    {
        var unchanged = rules.Intersect(Rules).Select(r => r.RuleId).ToHashSet(StringComparer.Ordinal);
        var present = rules.Select(r => r.RuleId).ToHashSet(StringComparer.Ordinal);
        return this with
        {
            Rules = rules,
            Alerts = Alerts.RemoveRange(Alerts.Keys.Where(id => !unchanged.Contains(id))),
            Silences = Silences.RemoveRange(Silences.Keys.Where(id => !present.Contains(id))),
        };
    }

    private bool IsSilenced(string ruleId, DateTimeOffset at) =>
        Silences.TryGetValue(ruleId, out var silence) && at < silence.Until.ToDateTimeOffset();

    private static Alert Silenced(Alert alert) => new(alert) { Silenced = true };
}
