using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RalmActors.Messages.Telemetry;
using Labels = System.ReadOnlySpan<System.Collections.Generic.KeyValuePair<string, object?>>;

namespace RalmActors.Monitoring.Meters;

/// <summary>
/// Listens to the meters of this process and adds up what they tell: the application's own, .NET's and those of its HTTP server. One of
/// it per node, for its series and for <c>/metrics</c>. A measurement costs tens of nanoseconds and allocates nothing.
/// </summary>
public sealed class MeterReader : IDisposable
{
    public const string Http = "Microsoft.AspNetCore.Hosting";

    public const string Runtime = "System.Runtime";

    private static readonly HashSet<string> Meters = new(
        [RalmMetrics.MeterName, Http, Runtime],
        StringComparer.Ordinal
    );

    /// <summary>The scheme, the protocol and whatever else a request has tell nothing that anybody asks for.</summary>
    private static readonly HashSet<string> HttpLabels = new(
        ["http.request.method", "http.route", "http.response.status_code"],
        StringComparer.Ordinal
    );

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MeasuredInstrument> _instruments = new();
    private readonly Lock _oneAtATime = new();
    private readonly object[] _scopes;

    /// <param name="scopes">Meters of other owners are passed over: another node may be in this process.</param>
    public MeterReader(params object[] scopes)
    {
        _scopes = scopes;
        NodeMeter = new Meter(new MeterOptions(RalmMetrics.MeterName) { Scope = this });
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsMeant(instrument))
            {
                var kept = instrument.Meter.Name == Http ? HttpLabels : null;
                listener.EnableMeasurementEvents(
                    instrument,
                    _instruments.GetOrAdd(instrument, i => new MeasuredInstrument(i, kept))
                );
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            static (_, value, labels, state) => ((MeasuredInstrument)state!).Measure(value, labels)
        );
        _listener.SetMeasurementEventCallback<int>(
            static (_, value, labels, state) => ((MeasuredInstrument)state!).Measure((long)value, labels)
        );
        _listener.SetMeasurementEventCallback<double>(
            static (_, value, labels, state) => ((MeasuredInstrument)state!).Measure(value, labels)
        );
        _listener.SetMeasurementEventCallback<float>(
            static (_, value, labels, state) => ((MeasuredInstrument)state!).Measure(value, labels)
        );
        _listener.Start();
    }

    /// <summary>For what is true of this node alone.</summary>
    public Meter NodeMeter { get; }

    /// <summary>Everything as it stands, by name.</summary>
    public IReadOnlyList<MetricFamily> Read()
    {
        lock (_oneAtATime)
        {
            foreach (var observed in _instruments.Values.Where(i => i.IsObserved))
            {
                observed.Forget();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // One that cannot be observed now, of an actor system that ends: the others have been.
            }

            return
            [
                .. _instruments
                    .Values.GroupBy(i => i.Instrument.Name, StringComparer.Ordinal)
                    .Select(FamilyOf)
                    .Where(f => f.Series.Count > 0)
                    .OrderBy(f => f.PrometheusName, StringComparer.Ordinal),
            ];
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        NodeMeter.Dispose();
    }

    private bool IsMeant(Instrument instrument) =>
        Meters.Contains(instrument.Meter.Name)
        && (instrument.Meter.Scope is not { } scope || scope == this || Array.IndexOf(_scopes, scope) >= 0);

    private static MetricFamily FamilyOf(IGrouping<string, MeasuredInstrument> same)
    {
        var instrument = same.First().Instrument;
        return new MetricFamily(
            instrument.Meter.Name,
            instrument.Name,
            same.First().Kind,
            instrument.Unit ?? "",
            (instrument.Description ?? "").TrimEnd('.'),
            [
                .. same.SelectMany(i => i.Series())
                    .DistinctBy(s => s.Labels, StringComparer.Ordinal)
                    .OrderBy(s => s.Labels, StringComparer.Ordinal),
            ]
        );
    }
}
