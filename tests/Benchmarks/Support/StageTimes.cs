using System.Diagnostics;
using System.Globalization;
using HdrHistogram;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Benchmarks.Support;

/// <summary>Where the time of commands with a given prefix goes: one histogram a stage, and one of the whole.</summary>
/// <param name="prefix">Of the command ids; a number from 0 follows.</param>
public sealed class StageTimes(string prefix, int commands)
    : IObserver<DiagnosticListener>,
        IObserver<KeyValuePair<string, object?>>,
        IDisposable
{
    private static readonly string[] Names = ["queue", "decide", "journal", "reply", "whole"];

    private readonly long[,] _at = new long[commands, 3];
    private readonly LongHistogram[] _stages = [.. Names.Select(_ => new LongHistogram(60_000_000, 3))];
    private readonly List<IDisposable> _listening = [];

    public static StageTimes Listen(string prefix, int commands)
    {
        var times = new StageTimes(prefix, commands);
        times._listening.Add(DiagnosticListener.AllListeners.Subscribe(times));
        return times;
    }

    /// <summary>Milliseconds of the whole, from when a command was due until it was answered.</summary>
    public double At(double percentile) => _stages[^1].GetValueAtPercentile(percentile) / 1000.0;

    /// <summary>Answered now.</summary>
    public void Answered(int nr, long due)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_stages)
        {
            var before = due;
            for (var stage = 0; stage < 3; stage++)
            {
                var at = _at[nr, stage];
                Record(stage, before, at);
                before = at;
            }

            Record(3, before, now);
            Record(4, due, now);
        }
    }

    /// <summary>Columns: p50 / p99 / p99.9 in ms of each stage. Each is its own, so they do not add up.</summary>
    public override string ToString() =>
        string.Join(
            " | ",
            Names.Select((_, i) => $"{Milliseconds(i, 50)} / {Milliseconds(i, 99)} / {Milliseconds(i, 99.9)}")
        );

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == CommandStages.Listener)
        {
            _listening.Add(value.Subscribe(this));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (
            value.Value is CommandHeader { CommandId: { } id }
            && id.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(id.AsSpan(prefix.Length), CultureInfo.InvariantCulture, out var nr)
        )
        {
            var stage =
                value.Key == CommandStages.Received ? 0
                : value.Key == CommandStages.Decided ? 1
                : 2;
            _at[nr, stage] = Stopwatch.GetTimestamp();
        }
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    public void Dispose() => _listening.ForEach(l => l.Dispose());

    private string Milliseconds(int stage, double percentile) =>
        (_stages[stage].GetValueAtPercentile(percentile) / 1000.0).ToString("F2", CultureInfo.InvariantCulture);

    private void Record(int stage, long from, long to) =>
        _stages[stage]
            .RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(from, to).TotalMicroseconds, 1, 60_000_000));
}
