using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Preparation;

/// <summary>Looks at every feature of a table's rows.</summary>
internal sealed class TableProfiler(string table, IReadOnlyDictionary<string, ColumnRule> columns)
{
    private readonly ColumnProfiler[] _columns =
    [
        .. columns.Where(c => c.Value.Type != FeatureKind.Id).Select(c => new ColumnProfiler(table, c.Key, c.Value)),
    ];

    /// <param name="features">In the order of the columns; what is missing is not among them.</param>
    public void See(Features features)
    {
        var next = 0;
        foreach (var column in _columns)
        {
            var isThere = next < features.Items.Count && features.Items[next].Name == column.Name;
            column.See(isThere ? features.Items[next++] : null);
        }
    }

    public void Tell(PreparationLog log)
    {
        foreach (var column in _columns)
        {
            var profile = column.Profile();
            log.Add(profile);
            foreach (var warning in column.Warnings(profile))
            {
                log.Warn(warning);
            }
        }
    }
}

/// <summary>Looks at one feature of every row, in bounded memory.</summary>
internal sealed class ColumnProfiler(string table, string feature, ColumnRule rule)
{
    private const int MaxDistinct = 10_000;
    private const int MostFrequent = 5;

    /// <summary>Of the standard deviation: closer together, the middle half of the values is one value to a model.</summary>
    private const double Squeezed = 1e-3;

    private readonly Dictionary<string, long> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<double> _numbers = [];
    private readonly Quantiles _quantiles = new();
    private readonly RunningMoments _moments = new();
    private bool _isFull;
    private long _rows;
    private long _missing;

    public string Name => feature;

    public void See(Feature? value)
    {
        _rows++;
        switch (value?.ValueCase)
        {
            case Feature.ValueOneofCase.Number:
                See(value.Number);
                break;
            case Feature.ValueOneofCase.Text:
                See(value.Text);
                break;
            case Feature.ValueOneofCase.Texts:
                foreach (var tag in value.Texts.Values)
                {
                    See(tag);
                }

                break;
            case Feature.ValueOneofCase.Position:
                See(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{value.Position.Latitude}, {value.Position.Longitude}"
                    )
                );
                break;
            default:
                _missing++;
                break;
        }
    }

    public ColumnProfile Profile()
    {
        var isNumber = rule.Type is FeatureKind.Number or FeatureKind.Time;
        var knots = isNumber && _missing < _rows ? _quantiles.Knots() : default;
        return new ColumnProfile(
            table,
            feature,
            $"{rule.Type}".ToLowerInvariant(),
            _rows,
            _missing,
            isNumber ? _numbers.Count : _texts.Count,
            _isFull,
            knots.IsDefault ? null : new NumberProfile(_moments.Least, At(0.25), At(0.5), At(0.75), _moments.Most),
            [
                .. _texts
                    .OrderByDescending(t => t.Value)
                    .ThenBy(t => t.Key, StringComparer.Ordinal)
                    .Take(MostFrequent)
                    .Select(t => new ValueCount(t.Key, t.Value)),
            ]
        );

        double At(double share) => knots[(int)(share * (knots.Length - 1))];
    }

    /// <summary>Nothing to learn from, or nothing that is left of it.</summary>
    public IEnumerable<string> Warnings(ColumnProfile profile)
    {
        if (profile.Rows == 0)
        {
            yield break;
        }

        if (profile.Missing == profile.Rows)
        {
            yield return $"{table}.{feature} is empty: none of {profile.Rows:N0} rows has a value";
        }
        else if (
            profile is { Missing: 0, Distinct: 1 }
            && rule.Type is not (FeatureKind.Tags or FeatureKind.Bag or FeatureKind.Latent)
        )
        {
            yield return $"{table}.{feature} is constant: all of {profile.Rows:N0} rows have \"{(profile.Numbers is { } n ? n.Least.ToString(CultureInfo.InvariantCulture) : profile.Frequent[0].Value)}\"";
        }

        if (
            profile is { Numbers: { } numbers, Distinct: > 2 }
            && rule is { Type: FeatureKind.Number, Scaling: not Scaling.Quantile }
            && (numbers.UpperQuartile - numbers.LowerQuartile) * _moments.OverDeviation < Squeezed
            && numbers.UpperQuartile > numbers.LowerQuartile
        )
        {
            var far = numbers.Most - numbers.Median > numbers.Median - numbers.Least ? numbers.Most : numbers.Least;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{table}.{feature}: {far:G6} is so far away that the others are all but one value ({numbers.LowerQuartile:G6} to {numbers.UpperQuartile:G6} is less than a thousandth of a standard deviation); mend it, or choose scaling quantile"
            );
        }
    }

    private void See(double number)
    {
        _quantiles.Add(number);
        _moments.Add(number);
        if (_numbers.Count < MaxDistinct)
        {
            _numbers.Add(number);
        }
        else
        {
            _isFull |= !_numbers.Contains(number);
        }
    }

    private void See(string text)
    {
        if (_texts.TryGetValue(text, out var rows))
        {
            _texts[text] = rows + 1;
        }
        else if (_texts.Count < MaxDistinct)
        {
            _texts.Add(text, 1);
        }
        else
        {
            _isFull = true;
        }
    }
}
