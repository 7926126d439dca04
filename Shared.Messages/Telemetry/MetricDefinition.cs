using System.Diagnostics.Metrics;

namespace RalmActors.Messages.Telemetry;

public enum MetricKind
{
    /// <summary>Only grows, from 0 at the start of the process.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>How often, in sum, and how values are distributed.</summary>
    Histogram,
}

/// <summary>What a metric is, in the terms of OpenTelemetry.</summary>
/// <param name="Name">Words with dots between them.</param>
/// <param name="Unit"><c>s</c>, <c>By</c>, or what is counted in braces: <c>{sample}</c>; empty: none.</param>
/// <param name="Description">A sentence without its full stop.</param>
/// <param name="Labels">By which it is told apart.</param>
public sealed record MetricDefinition(
    string Name,
    MetricKind Kind,
    string Unit,
    string Description,
    params IReadOnlyList<string> Labels
)
{
    /// <summary>Told when somebody looks.</summary>
    /// <param name="meter">Of one node.</param>
    public void Observe(Meter meter, Func<IEnumerable<Measurement<double>>> values)
    {
        if (Kind == MetricKind.Counter)
        {
            meter.CreateObservableCounter(Name, values, Unit, Description);
        }
        else
        {
            meter.CreateObservableGauge(Name, values, Unit, Description);
        }
    }

    /// <inheritdoc cref="Observe(Meter, Func{IEnumerable{Measurement{double}}})"/>
    public void Observe(Meter meter, Func<double> value) => Observe(meter, () => [new Measurement<double>(value())]);

    /// <summary>One value, by the definition's label.</summary>
    public Measurement<double> Of(string label, double value) =>
        new(value, new KeyValuePair<string, object?>(Labels[0], label));
}
