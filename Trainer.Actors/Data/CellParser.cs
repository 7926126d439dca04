using System.Collections.Immutable;
using System.Globalization;
using RalmActors.Messages.Learning;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Schema;

namespace RalmActors.Trainer.Data;

/// <summary>Turns the cells of one table's rows into raw features, by the table's column rules.</summary>
internal sealed class CellParser
{
    /// <summary>Characters of a bad cell that are shown.</summary>
    private const int Quoted = 200;

    private readonly string _file;
    private readonly ImmutableArray<(string Name, ColumnRule Rule, int First, int Second)> _features;
    private readonly ImmutableHashSet<string> _missing;

    /// <param name="keys">Columns wanted beside the features'; they come first in <see cref="Wanted"/>.</param>
    public CellParser(
        string file,
        ImmutableArray<string> keys,
        ImmutableSortedDictionary<string, ColumnRule> columns,
        ImmutableArray<string> missing
    )
    {
        _file = Path.GetFileName(file);
        _missing = missing.ToImmutableHashSet(StringComparer.Ordinal).Add("");
        var wanted = new List<string>(keys);
        _features =
        [
            .. columns.Select(c =>
                c.Value.Type == FeatureKind.Position
                    ? (
                        c.Key,
                        c.Value,
                        Want(c.Value.Latitude, c.Key, "latitude"),
                        Want(c.Value.Longitude, c.Key, "longitude")
                    )
                    : (c.Key, c.Value, Want(c.Value.Column ?? c.Key, c.Key, "column"), -1)
            ),
        ];
        Wanted = [.. wanted];

        int Want(string? column, string feature, string role)
        {
            wanted.Add(column ?? throw new FormatException($"columns.{feature}.{role} must be set"));
            return wanted.Count - 1;
        }
    }

    public ImmutableArray<string> Wanted { get; }

    public IEnumerable<FeatureFitter> Fitters() => _features.Select(f => new FeatureFitter(f.Name, f.Rule.Recipe));

    /// <exception cref="BadTableException">A cell is not what its column's type says.</exception>
    public Features Parse(ITableRow row)
    {
        var features = new Features();
        foreach (var (name, rule, first, second) in _features)
        {
            if (Read(row, name, rule, first, second) is { } feature)
            {
                features.Items.Add(feature);
            }
        }

        return features;
    }

    public double Number(ITableRow row, int place)
    {
        var cell = row[place];
        return
            double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
            ? value
            : throw Bad(row, place, "is not a number");
    }

    /// <summary>When it was, in seconds since 1970 and in universal time.</summary>
    public double Moment(ITableRow row, int place) =>
        _missing.Contains(row[place])
            ? throw Bad(row, place, "is missing; a split by time needs every row's")
            : Seconds(row, place, moment => moment.UtcDateTime);

    public BadTableException Bad(ITableRow row, int place, string rule)
    {
        var value = row[place];
        return new(
            new BadCell(_file, row.Line, Wanted[place], value.Length > Quoted ? $"{value[..Quoted]}..." : value, rule)
        );
    }

    private Feature? Read(ITableRow row, string name, ColumnRule rule, int first, int second)
    {
        if (_missing.Contains(row[first]) || (second >= 0 && _missing.Contains(row[second])))
        {
            return null;
        }

        return rule.Type switch
        {
            FeatureKind.Number => new Feature { Name = name, Number = Number(row, first) },
            FeatureKind.Category or FeatureKind.Hashed or FeatureKind.Tokens => new Feature
            {
                Name = name,
                Text = row[first],
            },
            FeatureKind.Time => new Feature { Name = name, Number = Seconds(row, first, moment => moment.DateTime) },
            FeatureKind.Tags or FeatureKind.Latent or FeatureKind.Bag => new Feature
            {
                Name = name,
                Texts = new TextList
                {
                    Values =
                    {
                        row[first]
                            .Split(
                                rule.Separator,
                                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
                            ),
                    },
                },
            },
            _ => new Feature
            {
                Name = name,
                Position = new Position { Latitude = InRange(row, first, 90), Longitude = InRange(row, second, 180) },
            },
        };
    }

    /// <summary>A date and time, or seconds since 1970 as they are.</summary>
    /// <param name="clock">Whose: the moment's own offset makes it local.</param>
    private double Seconds(ITableRow row, int place, Func<DateTimeOffset, DateTime> clock) =>
        double.TryParse(row[place], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
        && double.IsFinite(seconds)
            ? seconds
        : DateTimeOffset.TryParse(
            row[place],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var moment
        )
            ? (clock(moment) - DateTime.UnixEpoch).TotalSeconds
        : throw Bad(row, place, "is neither a date and time nor seconds since 1970");

    private double InRange(ITableRow row, int place, double limit)
    {
        var value = Number(row, place);
        return Math.Abs(value) <= limit ? value : throw Bad(row, place, $"must be -{limit} to {limit}");
    }
}
