using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// Where a unit's values stand: a binary metric is a bit of the head, a count or a sum is a column, a ratio is two, and
/// what was there before the exposure is one more. Metrics that are added later come behind.
/// </summary>
public sealed class MetricLayout
{
    private const int None = -1;

    private readonly ImmutableArray<Place> _places;

    public MetricLayout(IEnumerable<Metric> metrics)
    {
        var columns = 0;
        var places = ImmutableArray.CreateBuilder<Place>();
        foreach (var metric in metrics)
        {
            var y = metric.Kind == MetricKind.Binary ? None : columns++;
            var x = metric.Kind == MetricKind.Ratio || metric.Adjusted ? columns++ : None;
            places.Add(new Place(metric, y, x));
        }

        (_places, Columns) = (places.ToImmutable(), columns);
    }

    /// <summary>Values per unit.</summary>
    public int Columns { get; }

    public int Count => _places.Length;

    public Metric this[int metric] => _places[metric].Metric;

    /// <summary>Metrics that outcomes of this name belong to, and whether as a ratio's denominator.</summary>
    public IEnumerable<(int Metric, bool IsDenominator)> For(string outcome)
    {
        for (var m = 0; m < _places.Length; m++)
        {
            if (string.Equals(_places[m].Metric.Name, outcome, StringComparison.Ordinal))
            {
                yield return (m, false);
            }

            if (
                _places[m].Metric.Kind == MetricKind.Ratio
                && string.Equals(_places[m].Metric.Denominator, outcome, StringComparison.Ordinal)
            )
            {
                yield return (m, true);
            }
        }
    }

    /// <summary>A unit's value of a metric, and its second one.</summary>
    public (long Y, long X) Read(int metric, UnitHead head, ReadOnlySpan<long> values)
    {
        var place = _places[metric];
        var y =
            place.Y != None ? values[place.Y]
            : head.Has(metric) ? ArmTotals.One
            : 0;
        return (y, place.X == None ? 0 : values[place.X]);
    }

    /// <summary>Adds an outcome: to a sum, or as the fact that it happened.</summary>
    public UnitHead Add(int metric, bool isDenominator, long millionths, UnitHead head, Span<long> values)
    {
        var place = _places[metric];
        if (isDenominator)
        {
            values[place.X] += millionths;
        }
        else if (place.Y != None)
        {
            values[place.Y] += millionths;
        }
        else if (millionths > 0)
        {
            return head.With(metric);
        }

        return head;
    }

    /// <summary>Puts what the unit did before its exposure.</summary>
    public void Before(Covariate covariate, Span<long> values)
    {
        foreach (var place in _places)
        {
            if (place.Metric.Adjusted && string.Equals(place.Metric.Name, covariate.Metric, StringComparison.Ordinal))
            {
                values[place.X] = ArmTotals.Millionths(covariate.Value);
            }
        }
    }

    private readonly record struct Place(Metric Metric, int Y, int X);
}
