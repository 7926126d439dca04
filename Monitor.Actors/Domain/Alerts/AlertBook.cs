using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>The rules of a source, what has become of them, and what people are still to be told.</summary>
public sealed record AlertBook
{
    public const int MaxReasonLength = 500;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromDays(30);

    public static readonly AlertBook Empty = new();

    public ImmutableArray<ThresholdRule> Rules { get; private init; } = [];

    /// <summary>By rule id; a rule without one is Inactive.</summary>
    public ImmutableDictionary<string, Alert> Alerts { get; private init; } = ImmutableDictionary<string, Alert>.Empty;

    /// <summary>By rule id.</summary>
    public ImmutableDictionary<string, AlertSilenced> Silences { get; private init; } =
        ImmutableDictionary<string, AlertSilenced>.Empty;

    public UntoldNotices Untold { get; private init; } = UntoldNotices.None;

    /// <summary>When the rules were set, by the collector's clock; 0: not known.</summary>
    public long RulesSetMs { get; private init; }

    public static AlertBook Restore(CollectorSnapshot photo) =>
        new()
        {
            Rules = [.. photo.Rules],
            Alerts = Empty.Alerts.AddRange(photo.Alerts.Select(a => KeyValuePair.Create(a.RuleId, a))),
            Silences = Empty.Silences.AddRange(photo.Silences.Select(s => KeyValuePair.Create(s.RuleId, s))),
            Untold = new UntoldNotices([.. photo.Untold], photo.LastNoticeNr),
            RulesSetMs = photo.RulesSetUnixMs,
        };

    public void PutInto(CollectorSnapshot photo)
    {
        photo.Rules.Add(Rules);
        photo.Alerts.Add(Alerts.Values.OrderBy(a => a.RuleId, StringComparer.Ordinal));
        photo.Silences.Add(Silences.Values.OrderBy(s => s.RuleId, StringComparer.Ordinal));
        photo.Untold.Add(Untold.All);
        photo.LastNoticeNr = Untold.LastNr;
        photo.RulesSetUnixMs = RulesSetMs;
    }

    public Decision Replace(SetRules set, DateTimeOffset now)
    {
        if (set.Rules.SequenceEqual(Rules))
        {
            return Decision.Nothing;
        }

        var unchanged = Unchanged(set.Rules);
        var over = Rules
            .Where(r => !unchanged.Contains(r.RuleId))
            .Select(r => (Rule: r, Next: Current(r) is { } alert ? AlertMachine.OnRuleGone(alert, now) : null));
        return new Decision([.. Changes(over, now), new RulesSet { Rules = { set.Rules } }]);
    }

    public Decision Silence(SilenceAlert silence, DateTimeOffset now)
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

    public Decision Lift(LiftSilence lift, DateTimeOffset now) =>
        Silences.ContainsKey(lift.RuleId)
            ? new Decision([.. EndOfSilence(lift.RuleId), .. Changes(Unsilenced([lift.RuleId], now), now)])
            : Decision.NotFound("rule_id", lift.RuleId, "must name a rule of the source that is silenced");

    public Decision Acknowledge(AcknowledgeAlert taken) =>
        Alerts.GetValueOrDefault(taken.RuleId) is not { } alert || !(alert.Told || alert.Status == AlertStatus.Firing)
            ? Decision.NotFound("rule_id", taken.RuleId, "must name an alert that fires")
        : alert.AcknowledgedBy.Length > 0 ? Decision.Nothing
        : Decision.Accept(new AlertAcknowledged { RuleId = taken.RuleId });

    public Decision Test(DateTimeOffset now) =>
        Decision.Accept(
            new NotificationsTested
            {
                Notice = new Notice
                {
                    NoticeNr = Untold.LastNr + 1,
                    At = Timestamp.FromDateTimeOffset(now),
                    IsTest = true,
                    Metric = "test",
                    Alert = new Alert
                    {
                        RuleId = "test",
                        Status = AlertStatus.Firing,
                        Severity = Severity.Info,
                        Since = Timestamp.FromDateTimeOffset(now),
                    },
                },
            }
        );

    /// <summary>What one sampling does to the rules about its metrics.</summary>
    /// <param name="valueOf">What the sampling says of a rule, or null.</param>
    /// <param name="isGap">Whether the number before is too old to say anything of what was between.</param>
    public IEnumerable<IEvent> OnSampling(
        Func<ThresholdRule, double?> valueOf,
        DateTimeOffset at,
        Func<ThresholdRule, bool> isGap
    ) =>
        Changes(
            Rules.Select(r =>
                (
                    Rule: r,
                    Next: valueOf(r) is { } value
                        ? AlertMachine.Next(r, Current(r), value, at, IsSilenced(r.RuleId, at), isGap(r))
                        : null
                )
            ),
            at
        );

    /// <summary>What the clock does: silences run out, and what has not been heard of for too long is silent.</summary>
    /// <param name="repeatEvery">Null: never.</param>
    public ImmutableArray<IEvent> OnClock(
        DateTimeOffset now,
        Func<ThresholdRule, bool> isSilent,
        TimeSpan? repeatEvery = null
    )
    {
        // Of a source that is gone one alert tells; that nothing else comes from it is neither an end of its others nor news.
        string[] gone = [.. Rules.Where(r => r.NoData == NoData.Fire && isSilent(r)).Select(r => r.Metric)];
        string[] ended = [.. Silences.Keys.Where(id => !IsSilenced(id, now)).Order(StringComparer.Ordinal)];
        var next = Unsilenced(ended, now)
            .Concat(
                Rules
                    .Where(isSilent)
                    .Select(r =>
                        (
                            Rule: r,
                            Next: AlertMachine.OnSilence(r, Current(r), now, IsSilenced(r.RuleId, now), IsGone(gone, r))
                        )
                    )
            )
            .Where(c => c.Next is not null)
            // One that changes in two ways at the same moment changes once.
            .GroupBy(c => c.Rule.RuleId, StringComparer.Ordinal)
            .Select(g => g.Last());
        AlertChanged[] changes = [.. Changes(next, now)];
        return [.. ended.SelectMany(EndOfSilence), .. changes, .. Repeated(changes, now, repeatEvery)];
    }

    public AlertBook Apply(AlertChanged changed) =>
        this with
        {
            Alerts = Alerts.SetItem(changed.Alert.RuleId, changed.Alert),
            Untold = changed.Notice is null ? Untold : Untold.Add(changed.Notice),
        };

    public AlertBook Apply(AlertSilenced silenced) =>
        this with
        {
            Silences = Silences.SetItem(silenced.RuleId, silenced),
            Alerts = WithSilenced(silenced.RuleId, silenced: true),
        };

    public AlertBook Apply(SilenceLifted lifted) =>
        this with
        {
            Silences = Silences.Remove(lifted.RuleId),
            Alerts = WithSilenced(lifted.RuleId, silenced: false),
        };

    public AlertBook Apply(NoticeTold told) => this with { Untold = Untold.Told(told.NoticeNr, told.Channel) };

    public AlertBook Apply(AlertAcknowledged taken) =>
        this with
        {
            Alerts = Alerts.SetItem(
                taken.RuleId,
                new Alert(Alerts[taken.RuleId]) { AcknowledgedBy = AcknowledgedBy(taken.Header?.Author) }
            ),
        };

    public AlertBook Apply(NotificationsTested tested) => this with { Untold = Untold.Add(tested.Notice) };

    /// <summary>An alert whose rule is gone or asks another question now starts over.</summary>
    public AlertBook Apply(RulesSet set)
    {
        var unchanged = Unchanged(set.Rules);
        var present = set.Rules.Select(r => r.RuleId).ToHashSet(StringComparer.Ordinal);
        return this with
        {
            Rules = [.. set.Rules],
            RulesSetMs = set.Header?.At?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
            Alerts = Alerts.RemoveRange(Alerts.Keys.Where(id => !unchanged.Contains(id))),
            Silences = Silences.RemoveRange(Silences.Keys.Where(id => !present.Contains(id))),
        };
    }

    private Alert? Current(ThresholdRule rule) => Alerts.GetValueOrDefault(rule.RuleId);

    private HashSet<string> Unchanged(IEnumerable<ThresholdRule> rules) =>
        rules.Intersect(Rules).Select(r => r.RuleId).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<IEvent> EndOfSilence(string ruleId) => [new SilenceLifted { RuleId = ruleId }];

    private IEnumerable<(ThresholdRule Rule, Alert? Next)> Unsilenced(
        IEnumerable<string> ruleIds,
        DateTimeOffset now
    ) =>
        from id in ruleIds
        from rule in Rules
        where rule.RuleId == id && Current(rule) is not null
        select (rule, AlertMachine.OnSilenceEnd(Current(rule)!, now));

    private static bool IsGone(string[] gone, ThresholdRule rule) =>
        Array.Exists(gone, metric => metric != rule.Metric);

    private static string AcknowledgedBy(string? author) => string.IsNullOrEmpty(author) ? "somebody" : author;

    /// <summary>What fires still and nobody has taken on, beside what has just changed.</summary>
    private IEnumerable<AlertChanged> Repeated(AlertChanged[] changes, DateTimeOffset now, TimeSpan? every)
    {
        var nr = Untold.LastNr + changes.Count(c => c.Notice is not null);
        foreach (var rule in every is null ? [] : Rules)
        {
            if (
                Current(rule) is { Status: AlertStatus.Firing, Told: true, Silenced: false, AcknowledgedBy: "" } alert
                && now - (alert.ToldAt ?? alert.FiredAt)?.ToDateTimeOffset() >= every
                && !Array.Exists(changes, c => c.Alert.RuleId == rule.RuleId)
            )
            {
                var again = new Alert(alert) { ToldAt = Timestamp.FromDateTimeOffset(now) };
                yield return new AlertChanged
                {
                    Alert = again,
                    Notice = NoticeOf(rule, again, ++nr, now, repeats: true),
                };
            }
        }
    }

    private static Notice NoticeOf(ThresholdRule rule, Alert alert, long nr, DateTimeOffset at, bool repeats = false) =>
        new()
        {
            NoticeNr = nr,
            Alert = alert,
            Metric = rule.Metric,
            Threshold = rule.Threshold,
            At = Timestamp.FromDateTimeOffset(at),
            Repeats = repeats,
        };

    /// <summary>Each change, with what people are told of it under the next numbers.</summary>
    private IEnumerable<AlertChanged> Changes(IEnumerable<(ThresholdRule Rule, Alert? Next)> changes, DateTimeOffset at)
    {
        var nr = Untold.LastNr;
        foreach (var (rule, next) in changes)
        {
            if (next is null)
            {
                continue;
            }

            var isTold = AlertMachine.IsTold(Current(rule), next);
            if (isTold && next.Told)
            {
                next.ToldAt = Timestamp.FromDateTimeOffset(at);
            }

            yield return new AlertChanged { Alert = next, Notice = isTold ? NoticeOf(rule, next, ++nr, at) : null };
        }
    }

    private ImmutableDictionary<string, Alert> WithSilenced(string ruleId, bool silenced) =>
        Alerts.TryGetValue(ruleId, out var alert)
            ? Alerts.SetItem(ruleId, new Alert(alert) { Silenced = silenced })
            : Alerts;

    private bool IsSilenced(string ruleId, DateTimeOffset at) =>
        Silences.TryGetValue(ruleId, out var silence) && at < silence.Until.ToDateTimeOffset();
}
