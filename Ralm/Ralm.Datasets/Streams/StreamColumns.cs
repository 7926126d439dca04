using System.Collections.Immutable;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Drafts;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Schema;

namespace Ralm.Datasets.Streams;

/// <summary>The columns of a stream whose description names none, by its first rows.</summary>
/// <param name="Missing">What the first rows write where nothing is known.</param>
/// <param name="Guesses">What was found out, a line a column.</param>
internal sealed record StreamColumns(
    ImmutableSortedDictionary<string, ColumnRule> Rules,
    ImmutableArray<string> Missing,
    ImmutableArray<string> Guesses
)
{
    /// <summary>Rows looked at.</summary>
    private const int Rows = 1_000;

    /// <exception cref="BadTableException">It cannot be read, or has no column that says anything.</exception>
    public static StreamColumns Of(string path, RowTable table, CancellationToken ct)
    {
        string[] names =
        [
            .. TableReader
                .Columns(path, table.Format, ct)
                .Where(c => c != table.Label && c != table.Time)
                .Except(
                    TableKinds.Of(path) == TableKind.JsonLines ? JsonLinesTable.Structured(path, table.Format) : [],
                    StringComparer.Ordinal
                ),
        ];
        var drafts = Drafts(path, table.Format, names, ct);
        var rules = drafts
            .Where(d => TypeOf(d, table.Format) is not null)
            .ToImmutableSortedDictionary(
                d => d.Name,
                d => new ColumnRule
                {
                    Type = TypeOf(d, table.Format)!.Value,
                    Format = d.Format,
                    Separator = d.Separator,
                },
                StringComparer.Ordinal
            );
        return rules.IsEmpty
            ? throw new BadTableException($"{path}: has no column beside label and time that could say anything")
            : new StreamColumns(
                rules,
                [.. drafts.SelectMany(d => d.Missing).Distinct(StringComparer.Ordinal)],
                [
                    .. drafts.Select(d =>
                        TypeOf(d, table.Format) is { } type
                            ? $"{d.Name} {ChoiceConverter<FeatureKind>.Word(type)} ({d.Why})"
                            : $"{d.Name} left out ({d.Why})"
                    ),
                ]
            );
    }

    /// <summary>A number that stands still in the first rows may move later.</summary>
    private static FeatureKind? TypeOf(ColumnDraft draft, TableFormat format) =>
        draft.Type
        ?? (draft.Values.Count == 1 && format.TryParse(draft.Values.Single(), out _) ? FeatureKind.Number : null);

    private static ColumnDraft[] Drafts(string path, TableFormat format, string[] names, CancellationToken ct)
    {
        var cells = names.Select(_ => new List<(string, IReadOnlyList<string>?)>()).ToArray();
        foreach (var row in TableReader.Read(path, format, names, ct).Take(Rows))
        {
            for (var k = 0; k < names.Length; k++)
            {
                try
                {
                    cells[k].Add((row[k], row.List(k)));
                }
                catch (BadTableException e) when (e.Cell is not null)
                {
                    // Told, or passed over, when the row is read as one.
                    break;
                }
            }
        }

        return [.. names.Select((name, k) => ColumnDraft.Of(name, cells[k], format))];
    }
}
