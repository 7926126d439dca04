using System.Collections.Immutable;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Preparation;

/// <summary>One people table in memory: key to row number, and each row's raw features.</summary>
internal sealed class People
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private const string Key = "key";

    private readonly List<string> _keys = [];
    private readonly List<Features> _rows = [];
    private readonly CellParser _parser;

    private People(string file, CellParser parser) => (File, _parser) = (file, parser);

    public string File { get; }

    public int Count => _rows.Count;

    public static People Read(
        string step,
        string folder,
        PeopleTable table,
        ImmutableArray<string> missing,
        PreparationLog log
    )
    {
        var path = Path.Combine(folder, table.File);
        var people = new People(table.File, new CellParser(path, table.Format, [table.Key], table.Inputs, missing));
        var profiler = new TableProfiler(step, table.Inputs);
        foreach (var row in log.Read(step, path, table.Format, people._parser.Wanted))
        {
            try
            {
                people.Add(row);
                profiler.See(people._rows[^1]);
            }
            catch (BadTableException e) when (e.Cell is { } cell)
            {
                log.BadRows.Add(cell);
            }
        }

        profiler.Tell(log);
        return people;
    }

    /// <exception cref="BadTableException">Nobody has the key in that cell.</exception>
    public int Find(CellParser cells, ITableRow row, int key) =>
        _index.TryGetValue(cells.Text(row, key), out var index)
            ? index
            : throw cells.Bad(row, key, $"is not in {File}");

    /// <summary>Fits on these rows only.</summary>
    public SideSchema Fit(IReadOnlySet<int> rows, CancellationToken ct)
    {
        var fitters = _parser.Fitters().ToArray();
        foreach (var row in rows.Order())
        {
            ct.ThrowIfCancellationRequested();
            foreach (var (fitter, feature) in Pair(fitters, _rows[row]))
            {
                fitter.See(feature);
            }
        }

        return new SideSchema([.. fitters.Select(f => f.Fit())]);
    }

    public Features this[int row] => _rows[row];

    public string KeyOf(int row) => _keys[row];

    public float[] Encode(SideSchema schema, CancellationToken ct)
    {
        var width = schema.Width;
        var encoded = new float[(long)_rows.Count * width];
        for (var row = 0; row < _rows.Count; row++)
        {
            ct.ThrowIfCancellationRequested();
            schema.Encode(_keys[row], _rows[row], encoded.AsSpan(row * width, width));
        }

        return encoded;
    }

    private void Add(ITableRow row)
    {
        var key = _parser.Text(row, 0);
        if (key.Length > 0 && _parser.IsMissing(row, 0))
        {
            throw _parser.Bad(row, 0, "means missing, by the description's missing: it names nobody");
        }

        if (Ids.Check(Key, key) is { } bad)
        {
            // Nobody could be asked about otherwise: serving knows no other ids.
            throw _parser.Bad(row, 0, bad.Rule);
        }

        if (_index.ContainsKey(key))
        {
            throw _parser.Bad(row, 0, "comes twice");
        }

        var features = _parser.Parse(row);
        _index.Add(key, _rows.Count);
        _keys.Add(key);
        _rows.Add(features);
    }

    internal static IEnumerable<(FeatureFitter Fitter, Feature? Feature)> Pair(
        FeatureFitter[] fitters,
        Features features
    )
    {
        var byName = features.Items.ToDictionary(f => f.Name, StringComparer.Ordinal);
        return fitters.Select(f => (f, byName.GetValueOrDefault(f.Name)));
    }
}
