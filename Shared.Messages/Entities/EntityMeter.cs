using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using RalmActors.Messages.Telemetry;

namespace RalmActors.Messages.Entities;

/// <summary>What the shell counts of one entity: its answers, and what it gives to the journal. Nothing is allocated for it.</summary>
internal sealed class EntityMeter(string region)
{
    private static readonly KeyValuePair<string, object?> Accepted = Outcome("accepted");
    private static readonly KeyValuePair<string, object?> Rejected = Outcome("rejected");
    private static readonly ConcurrentDictionary<Type, KeyValuePair<string, object?>> Names = new();

    private readonly KeyValuePair<string, object?> _region = new("region", region);
    private long _began;

    public string Region { get; } = region;

    public Decision Answered(Decision decision)
    {
        RalmMetrics.Commands.Add(1, _region, decision.Rejection is null ? Accepted : Rejected);
        return decision;
    }

    /// <summary>One write at a time.</summary>
    public void WriteBegins()
    {
        _began = Stopwatch.GetTimestamp();
        RalmMetrics.JournalWaiting.Add(1);
    }

    public void Written(ImmutableArray<IEvent> events)
    {
        End();
        foreach (var e in events)
        {
            RalmMetrics.Events.Add(1, NameOf(e));
            (e as IMeasuredEvent)?.Measure();
        }
    }

    public void WriteFailed()
    {
        RalmMetrics.JournalFailures.Add(1);
        End();
    }

    private void End()
    {
        if (_began != 0)
        {
            RalmMetrics.JournalWaiting.Add(-1);
            RalmMetrics.JournalWriteTime.Record(Stopwatch.GetElapsedTime(_began).TotalSeconds);
            _began = 0;
        }
    }

    private static KeyValuePair<string, object?> NameOf(IEvent e) =>
        Names.GetOrAdd(e.GetType(), static type => new KeyValuePair<string, object?>("event", type.Name));

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("outcome", outcome);
}
