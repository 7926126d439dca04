using System.Collections.Immutable;
using RalmActors.Messages.Learning;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Schema;

namespace RalmActors.Trainer.Data;

/// <summary>One people table in memory: key to row number, and each row's raw features.</summary>
internal sealed class People
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly List<Features> _rows = [];
    private readonly CellParser _parser;

    private People(string file, CellParser parser) => (File, _parser) = (file, parser);

    public string File { get; }

    public int Count => _rows.Count;

    public static People Read(
        string folder,
        PeopleTable table,
        ImmutableArray<string> missing,
        Func<IEnumerable<ITableRow>, IEnumerable<ITableRow>> counted
    )
    {
        var path = Path.Combine(folder, table.File);
        var people = new People(table.File, new CellParser(path, [table.Key], table.Columns, missing));
        foreach (var row in counted(TableReader.Read(path, people._parser.Wanted)))
        {
            if (row[0].Length == 0)
            {
                throw people._parser.Bad(row, 0, "must be set");
            }

            if (!people._index.TryAdd(row[0], people._rows.Count))
            {
                throw people._parser.Bad(row, 0, "comes twice");
            }

            people._rows.Add(people._parser.Parse(row));
        }

        return people;
    }

    public bool TryFind(string key, out int index) => _index.TryGetValue(key, out index);

    /// <summary>Fits on these rows only.</summary>
    public SideSchema Fit(IReadOnlySet<int> rows)
    {
        var fitters = _parser.Fitters().ToArray();
        foreach (var row in rows.Order())
        {
            foreach (var (fitter, feature) in Pair(fitters, _rows[row]))
            {
                fitter.See(feature);
            }
        }

        return new SideSchema([.. fitters.Select(f => f.Fit())]);
    }

    public Features this[int row] => _rows[row];

    public float[] Encode(SideSchema schema)
    {
        var width = schema.Width;
        var encoded = new float[(long)_rows.Count * width];
        for (var row = 0; row < _rows.Count; row++)
        {
            schema.Encode(_rows[row], encoded.AsSpan(row * width, width));
        }

        return encoded;
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
