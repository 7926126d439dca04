using System.Collections.Immutable;
using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Preparation;

/// <summary>Turns the cells of one table's rows into raw features, by the table's column rules.</summary>
internal sealed class CellParser
{
    /// <summary>Characters of a bad cell that are shown.</summary>
    private const int Quoted = 200;

    private readonly string _file;
    private readonly TableFormat _format;
    private readonly ImmutableArray<FeatureCells> _features;
    private readonly ImmutableHashSet<string> _missing;

    /// <param name="keys">Columns wanted beside the features'; they come first in <see cref="Wanted"/>.</param>
    public CellParser(
        string file,
        TableFormat format,
        ImmutableArray<string> keys,
        ImmutableSortedDictionary<string, ColumnRule> columns,
        ImmutableArray<string> missing
    )
    {
        (_file, _format) = (Path.GetFileName(file), format);
        _missing = missing.ToImmutableHashSet(StringComparer.Ordinal).Add("");
        var wanted = new List<string>(keys);
        _features =
        [
            .. columns.Select(c =>
                c.Value.Type == FeatureKind.Position
                    ? new FeatureCells(
                        c.Key,
                        c.Value,
                        Want(c.Value.Latitude, c.Key, "latitude"),
                        Want(c.Value.Longitude, c.Key, "longitude")
                    )
                    : new FeatureCells(
                        c.Key,
                        c.Value,
                        c.Value.Type == FeatureKind.Id ? -1 : Want(c.Value.Column ?? c.Key, c.Key, "column"),
                        -1
                    )
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
        foreach (var cells in _features)
        {
            if (Read(row, cells) is { } feature)
            {
                features.Items.Add(feature);
            }
        }

        if (FeatureRules.Check("", features) is { } bad)
        {
            // What is trained on can be sent for a score.
            var cells = _features.FirstOrDefault(f => bad.Field.StartsWith($".{f.Name}", StringComparison.Ordinal));
            throw Bad(row, cells?.First ?? 0, bad.Rule);
        }

        return features;
    }

    /// <exception cref="BadTableException">No number, or none that a feature may be.</exception>
    public double Number(ITableRow row, int place)
    {
        var cell = Text(row, place);
        return !_format.TryParse(cell, out var value) && !double.IsInfinity(value)
                ? throw Bad(row, place, $"is not a number{Advice(cell)}")
            : Math.Abs(value) > FeatureRules.MaxNumber
                ? throw Bad(
                    row,
                    place,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"must be a number from -{FeatureRules.MaxNumber:N0} to {FeatureRules.MaxNumber:N0}"
                    )
                )
            : value;
    }

    /// <summary>When it was, in seconds since 1970 and in universal time.</summary>
    public double Moment(ITableRow row, int place, TimeText time) =>
        _missing.Contains(row[place])
            ? throw Bad(row, place, "is missing; a split by time needs every row's")
            : Seconds(row, place, time, moment => moment.UtcDateTime);

    public bool IsMissing(ITableRow row, int place) => _missing.Contains(row[place]);

    /// <summary>A cell that is no list.</summary>
    public string Text(ITableRow row, int place) =>
        row.List(place) is null ? row[place] : throw Bad(row, place, "must not be a list");

    public BadTableException Bad(ITableRow row, int place, string rule)
    {
        var value = row[place];
        return new(
            new BadCell(_file, row.Line, Wanted[place], value.Length > Quoted ? $"{value[..Quoted]}..." : value, rule)
        );
    }

    private Feature? Read(ITableRow row, FeatureCells cells)
    {
        var (name, rule, first, second) = cells;
        if (first < 0)
        {
            // The key says it, whatever stands in other cells.
            return null;
        }

        if (_missing.Contains(row[first]) && (second < 0 || _missing.Contains(row[second])))
        {
            return null;
        }

        if (second >= 0 && (IsMissing(row, first) || IsMissing(row, second)))
        {
            throw Bad(row, IsMissing(row, first) ? first : second, "is missing; a position has both parts or none");
        }

        return rule.Type switch
        {
            FeatureKind.Number => new Feature { Name = name, Number = Number(row, first) },
            FeatureKind.Category or FeatureKind.Hashed or FeatureKind.Tokens => new Feature
            {
                Name = name,
                Text = Text(row, first),
            },
            FeatureKind.Time => new Feature
            {
                Name = name,
                Number = Seconds(row, first, cells.Time, moment => moment.DateTime),
            },
            FeatureKind.Tags or FeatureKind.Latent or FeatureKind.Bag => new Feature
            {
                Name = name,
                Texts = new TextList { Values = { Tags(row, first, rule.Separator ?? "|") } },
            },
            _ => new Feature
            {
                Name = name,
                Position = new Position { Latitude = InRange(row, first, 90), Longitude = InRange(row, second, 180) },
            },
        };
    }

    /// <summary>A list is one already, whatever stands in its texts.</summary>
    private IEnumerable<string> Tags(ITableRow row, int place, string separator) =>
        row.List(place)?.Where(tag => !_missing.Contains(tag))
        ?? row[place].Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <param name="clock">Whose: the moment's own offset makes it local.</param>
    private double Seconds(ITableRow row, int place, TimeText time, Func<DateTimeOffset, DateTime> clock) =>
        time.Read(Text(row, place), out var why) is { } moment
            ? (clock(moment) - DateTime.UnixEpoch).TotalSeconds
            : throw Bad(row, place, why);

    private double InRange(ITableRow row, int place, double limit)
    {
        var value = Number(row, place);
        return Math.Abs(value) <= limit ? value : throw Bad(row, place, $"must be -{limit} to {limit}");
    }

    /// <summary>For what is one somewhere else.</summary>
    private static string Advice(string cell) =>
        cell.Any(char.IsAsciiDigit) && cell.All(c => char.IsAsciiDigit(c) || ",.'_ \u00a0\u202f+-eE".Contains(c))
            ? "; other separators are declared in the table's format: decimal, thousands"
            : "";

    /// <param name="Second">Of a position the longitude's; else below 0.</param>
    private sealed record FeatureCells(string Name, ColumnRule Rule, int First, int Second)
    {
        public TimeText Time { get; } = new(Rule.Format);
    }
}
