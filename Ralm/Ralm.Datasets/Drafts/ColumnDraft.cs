using System.Collections.Immutable;
using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;

namespace Ralm.Datasets.Drafts;

/// <summary>What a column seems to be, by some thousand of its cells.</summary>
/// <param name="Type">Null: it is left out.</param>
/// <param name="Why">What the guess rests on, for a person to look at.</param>
/// <param name="Format">Of times.</param>
/// <param name="IsKey">No value comes twice, and none is missing.</param>
internal sealed record ColumnDraft(
    string Name,
    FeatureKind? Type,
    string Why,
    string? Format,
    string? Separator,
    bool IsKey,
    ImmutableHashSet<string> Values,
    ImmutableArray<string> Missing
)
{
    private const int FewValues = 64;

    /// <summary>Why it is no key, where it almost is one; else empty.</summary>
    public string AlmostKey { get; private init; } = "";

    /// <summary>What people write where nothing is known.</summary>
    private static readonly ImmutableHashSet<string> Blanks = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        ["na", "n/a", "nan", "null", "none", "nil", "-", "?", "unknown", "\\n"]
    );

    private static readonly string[] Dates =
    [
        "dd/MM/yyyy",
        "MM/dd/yyyy",
        "dd.MM.yyyy",
        "dd-MM-yyyy",
        "MM-dd-yyyy",
        "yyyy/MM/dd",
        "yyyyMMdd",
        .. from date in (string[])["dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy", "yyyy/MM/dd"]
        from time in (string[])["HH:mm", "HH:mm:ss", "h:mm tt", "h:mm:ss tt"]
        select $"{date} {time}",
        TimeText.Milliseconds,
        TimeText.Microseconds,
    ];

    /// <param name="cells">Of each row.</param>
    public static ColumnDraft Of(
        string name,
        IReadOnlyList<(string Text, IReadOnlyList<string>? List)> cells,
        TableFormat format
    )
    {
        string[] texts = [.. cells.Where(c => c.List is null && c.Text.Length > 0).Select(c => c.Text)];
        ImmutableArray<string> missing =
        [
            .. texts.Where(Blanks.Contains).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
        string[] there = [.. texts.Where(t => !Blanks.Contains(t))];
        var values = there.ToImmutableHashSet(StringComparer.Ordinal);
        var isKey = cells.Count > 0 && there.Length == cells.Count && values.Count == cells.Count;
        var draft = new ColumnDraft(name, null, "", null, null, isKey, values, missing)
        {
            AlmostKey = isKey || values.Count < cells.Count * 0.9 ? "" : NotUnique(there, cells.Count),
        };
        var lists = cells.Count(c => c.List is not null);
        return lists > 0 ? draft with { Type = FeatureKind.Tags, Why = "lists" }
            : there.Length == 0 ? draft with { Why = "no row has a value" }
            : values.Count == 1 ? draft with { Why = $"every row has \"{there[0]}\"" }
            : AsTime(draft, there, format) is { } time ? time
            : there.All(t => format.TryParse(t, out _)) ? Number(draft)
            : Text(draft, there);
    }

    private static string NotUnique(string[] there, int rows) =>
        there.CountBy(t => t, StringComparer.Ordinal).FirstOrDefault(t => t.Value > 1) is { Key: { } twice }
            ? $"\"{twice}\" comes twice"
            : $"{rows - there.Length:N0} rows have none";

    private static ColumnDraft Number(ColumnDraft draft) =>
        draft with
        {
            Type = FeatureKind.Number,
            Why =
                draft.Values.Count <= 10
                    ? $"numbers, {draft.Values.Count} different ones: a category, if they are codes"
                    : $"numbers, {draft.Values.Count:N0} different ones",
        };

    private static ColumnDraft Text(ColumnDraft draft, string[] there)
    {
        foreach (var separator in (string[])["|", ";", ","])
        {
            var tags = there.SelectMany(t => t.Split(separator, StringSplitOptions.TrimEntries)).ToArray();
            var distinct = tags.Distinct(StringComparer.Ordinal).Count();
            if (
                there.Count(t => t.Contains(separator, StringComparison.Ordinal)) * 4 > there.Length
                && distinct * 3 < tags.Length
            )
            {
                return draft with
                {
                    Type = FeatureKind.Tags,
                    Separator = separator,
                    Why = $"{distinct:N0} different tags, parted by {separator}",
                };
            }
        }

        var words = there.Average(t => t.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        return words > 4 ? draft with { Type = FeatureKind.Tokens, Why = $"texts of {words:0.#} words" }
            : draft.Values.Count <= FewValues
                ? draft with
                {
                    Type = FeatureKind.Category,
                    Why = $"{draft.Values.Count} different texts",
                }
            : draft.Values.Count * 2 > there.Length
                ? draft with
                {
                    Why = $"{draft.Values.Count:N0} different texts in {there.Length:N0} rows: each names its row",
                }
            : draft with { Type = FeatureKind.Hashed, Why = $"{draft.Values.Count:N0} different texts" };
    }

    /// <summary>Null: no times.</summary>
    private static ColumnDraft? AsTime(ColumnDraft draft, string[] there, TableFormat format)
    {
        var undeclared = new TimeText(null);
        if (there.All(t => undeclared.Read(t, out _) is not null))
        {
            var isNumber = there.All(t => format.TryParse(t, out _));
            return draft with { Type = FeatureKind.Time, Why = isNumber ? "seconds since 1970" : "dates" };
        }

        string[] fitting = [.. Dates.Where(f => Fits(f, there))];
        return fitting.Length == 0
            ? null
            : draft with
            {
                Type = FeatureKind.Time,
                Format = fitting[0],
                Why =
                    fitting.Length == 1
                        ? $"dates as {fitting[0]}"
                        : $"dates as {string.Join(" or ", fitting)}: no row tells which, choose",
            };
    }

    /// <summary>Counts of something are no dates because they could be: without a separator only those of our time are.</summary>
    private static bool Fits(string format, string[] there)
    {
        var time = new TimeText(format);
        var isSeparated =
            format.Contains('/', StringComparison.Ordinal) || format.Contains('.', StringComparison.Ordinal);
        return there.All(t => time.Read(t, out _) is { } moment && (isSeparated || moment.Year is >= 1990 and < 2040));
    }
}
