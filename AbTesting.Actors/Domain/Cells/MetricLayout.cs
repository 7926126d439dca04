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
    private readonly ImmutableArray<string> _names;
    private readonly ImmutableArray<ImmutableArray<(int Metric, bool IsDenominator)>> _byName;

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
        _names = [.. _places.SelectMany(p => NamesOf(p.Metric)).Distinct(StringComparer.Ordinal)];
        _byName = [.. _names.Select(name => PlacesOf(name).ToImmutableArray())];
        Maturity = [.. _places.Select(p => MaturityOf(p.Metric))];
    }

    /// <summary>Values per unit.</summary>
    public int Columns { get; }

    public int Count => _places.Length;

    public Metric this[int metric] => _places[metric].Metric;

    /// <summary>All names that outcomes may carry, metrics' and denominators'. Those that are added later come behind.</summary>
    public ImmutableArray<string> Names => _names;

    /// <summary>Per metric, how long after its exposure a unit counts in it, in seconds.</summary>
    public ImmutableArray<long> Maturity { get; }

    public bool HasMaturity => Maturity.Any(m => m > 0);

    /// <summary>Place of an outcome's name among <see cref="Names"/>; negative: there is none.</summary>
    public int NameOf(string outcome) => _names.IndexOf(outcome, StringComparer.Ordinal);

    /// <summary>Metrics that outcomes of this name belong to, and whether as a ratio's denominator.</summary>
    public ImmutableArray<(int Metric, bool IsDenominator)> For(int name) => _byName[name];

    /// <summary>How an outcome stands so many seconds after the exposure.</summary>
    public Timing TimingOf(int metric, long after)
    {
        var m = _places[metric].Metric;
        return after < m.FromSeconds ? Timing.Early
            : m.WindowSeconds > 0 && after > m.WindowSeconds ? Timing.Late
            : Timing.InTime;
    }

    /// <summary>An earlier exposure may take out what counts now.</summary>
    public bool HasEnd(int metric) => _places[metric].Metric.WindowSeconds > 0;

    public bool IsBinary(int metric) => _places[metric].Y == None;

    /// <summary>
    /// A unit's value of a metric, and its second one: of a plain sum, how far it is below 0. What is beyond all measure counts as the largest there
    /// is.
    /// </summary>
    public (long Y, long X) Read(int metric, UnitHead head, ReadOnlySpan<long> values)
    {
        var place = _places[metric];
        var y =
            place.Y != None ? ArmTotals.Bounded(values[place.Y])
            : head.Has(metric) ? ArmTotals.One
            : 0;
        return (y, place.X == None ? Math.Max(0, -y) : ArmTotals.Bounded(values[place.X]));
    }

    /// <summary>The sum that outcomes of this kind add to.</summary>
    public long SumOf(int metric, bool isDenominator, ReadOnlySpan<long> values) =>
        IsBinary(metric) ? 0 : values[isDenominator ? _places[metric].X : _places[metric].Y];

    /// <summary>Adds an outcome to its sum. A binary metric has none.</summary>
    public void Add(int metric, bool isDenominator, long millionths, Span<long> values)
    {
        if (!IsBinary(metric))
        {
            ref var sum = ref values[isDenominator ? _places[metric].X : _places[metric].Y];
            sum = (long)Int128.Clamp((Int128)sum + millionths, -long.MaxValue, long.MaxValue);
        }
    }

    /// <summary>Puts what the unit did before its exposure.</summary>
    public void Before(IEnumerable<Covariate> before, Span<long> values)
    {
        foreach (var place in _places)
        {
            if (!place.Metric.Adjusted)
            {
                continue;
            }

            var own = before.LastOrDefault(b => string.Equals(b.Metric, place.Metric.Name, StringComparison.Ordinal));
            values[place.X] = own is null ? 0 : ArmTotals.Millionths(own.Value);
        }
    }

    /// <summary>Once its window is over, nothing of a unit can change any more.</summary>
    private static long MaturityOf(Metric metric) =>
        metric.CountAtOnce ? 0 : Math.Max(metric.DelaySeconds, metric.WindowSeconds);

    private static string[] NamesOf(Metric metric) =>
        metric.Kind == MetricKind.Ratio ? [metric.Name, metric.Denominator] : [metric.Name];

    private IEnumerable<(int Metric, bool IsDenominator)> PlacesOf(string name)
    {
        for (var m = 0; m < _places.Length; m++)
        {
            if (string.Equals(_places[m].Metric.Name, name, StringComparison.Ordinal))
            {
                yield return (m, false);
            }

            if (
                _places[m].Metric.Kind == MetricKind.Ratio
                && string.Equals(_places[m].Metric.Denominator, name, StringComparison.Ordinal)
            )
            {
                yield return (m, true);
            }
        }
    }

    private readonly record struct Place(Metric Metric, int Y, int X);
}

/// <summary>Where an outcome stands in a metric's time after the exposure. An earlier exposure only moves it on.</summary>
public enum Timing
{
    Early,
    InTime,
    Late,
}
