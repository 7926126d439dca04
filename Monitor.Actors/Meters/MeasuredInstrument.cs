using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RalmActors.Messages.Telemetry;
using Labels = System.ReadOnlySpan<System.Collections.Generic.KeyValuePair<string, object?>>;

namespace RalmActors.Monitoring.Meters;

/// <summary>One instrument of a meter, and what it has measured under each set of labels.</summary>
internal sealed class MeasuredInstrument
{
    /// <summary>What comes under further labels is counted under one: names are made by callers, and memory is not.</summary>
    public const int MaxSeries = 500;

    private static readonly KeyValuePair<string, object?>[] Others = [new("otel_metric_overflow", "true")];

    private readonly ConcurrentDictionary<LabelSet, MetricCell> _cells;
    private readonly ConcurrentDictionary<LabelSet, MetricCell>.AlternateLookup<Labels> _byLabels;
    private readonly LabelSet.Comparer _comparer;
    private readonly MetricCell _unlabelled;
    private bool _isUnlabelledUsed;

    /// <param name="kept">Labels by which it is told apart; null: all.</param>
    public MeasuredInstrument(Instrument instrument, IReadOnlySet<string>? kept)
    {
        Instrument = instrument;
        IsObserved = instrument.IsObservable;
        Kind = KindOf(instrument);
        _comparer = new LabelSet.Comparer(kept);
        _cells = new ConcurrentDictionary<LabelSet, MetricCell>(_comparer);
        _byLabels = _cells.GetAlternateLookup<Labels>();
        _unlabelled = new MetricCell(Kind == MetricKind.Histogram);
        // A counter that is 0 is told as such, or its first step would not be one.
        _isUnlabelledUsed = !IsObserved && RalmMetrics.IsUnlabelled(instrument);
    }

    public Instrument Instrument { get; }

    public MetricKind Kind { get; }

    /// <summary>It tells values when it is asked; the others tell each step.</summary>
    public bool IsObserved { get; }

    public void Measure(long value, Labels labels)
    {
        if (IsObserved || Kind == MetricKind.Histogram)
        {
            Measure((double)value, labels);
        }
        else
        {
            CellOf(labels).Add(value);
        }
    }

    public void Measure(double value, Labels labels)
    {
        var cell = CellOf(labels);
        if (IsObserved)
        {
            cell.Set(value);
        }
        else if (Kind == MetricKind.Histogram)
        {
            cell.Record(value);
        }
        else
        {
            cell.Add(value);
        }
    }

    /// <summary>What is not told again is not there any more.</summary>
    public void Forget()
    {
        _cells.Clear();
        _isUnlabelledUsed = false;
    }

    public IEnumerable<MetricSeries> Series()
    {
        if (_isUnlabelledUsed)
        {
            yield return Of("", _unlabelled);
        }

        foreach (var (labels, cell) in _cells)
        {
            yield return Of(labels.Text, cell);
        }
    }

    private static MetricSeries Of(string labels, MetricCell cell) => new(labels, cell.Value, cell.Counts);

    private MetricCell CellOf(Labels labels)
    {
        if (labels.IsEmpty)
        {
            _isUnlabelledUsed = true;
            return _unlabelled;
        }

        if (_byLabels.TryGetValue(labels, out var cell))
        {
            return cell;
        }

        var key = _cells.Count < MaxSeries ? _comparer.Create(labels) : new LabelSet(Others, kept: null);
        return _cells.GetOrAdd(key, _ => new MetricCell(Kind == MetricKind.Histogram));
    }

    /// <summary>.NET calls these counters, but they go up and down.</summary>
    private static bool IsLevel(Instrument instrument) =>
        instrument.Name is "dotnet.thread_pool.thread.count" or "dotnet.thread_pool.queue.length";

    private static MetricKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return IsLevel(instrument) ? MetricKind.Gauge
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
    }
}
