using System.Collections.Immutable;
using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;

namespace Ralm.Datasets.Import;

/// <summary>
/// The speed-dating experiment of Fisman, Iyengar, Kamenica and Simonson (2006): one row per date and side becomes a
/// users table (what people said of themselves before) and an interactions table (the date: both scorecards, the match).
/// </summary>
/// <remarks>
/// The two decisions whose conjunction is the match, the guess of how many will match, and everything asked after the
/// evening are left out: they would tell the label. A mark also stands beside what its rater usually gives (_rel): some are
/// generous.
/// </remarks>
public static class SpeedDatingImport
{
    private static readonly ImmutableArray<string> Interests =
    [
        "sports",
        "tvsports",
        "exercise",
        "dining",
        "museums",
        "art",
        "hiking",
        "gaming",
        "clubbing",
        "reading",
        "tv",
        "theater",
        "movies",
        "concerts",
        "music",
        "shopping",
        "yoga",
    ];

    private static readonly ImmutableArray<string> Wishes =
    [
        "attr1_1",
        "sinc1_1",
        "intel1_1",
        "fun1_1",
        "amb1_1",
        "shar1_1",
        "attr2_1",
        "sinc2_1",
        "intel2_1",
        "fun2_1",
        "amb2_1",
        "shar2_1",
        "attr3_1",
        "sinc3_1",
        "fun3_1",
        "intel3_1",
        "amb3_1",
    ];

    private static readonly ImmutableArray<string> Profile =
    [
        "gender",
        "age",
        "field_cd",
        "race",
        "imprace",
        "imprelig",
        "goal",
        "date",
        "go_out",
        "career_c",
        "exphappy",
        .. Interests,
        .. Wishes,
    ];

    private static readonly ImmutableArray<string> Date =
    [
        "order",
        "int_corr",
        "samerace",
        "attr",
        "sinc",
        "intel",
        "fun",
        "amb",
        "shar",
        "like",
        "prob",
        "met",
        "attr_o",
        "sinc_o",
        "intel_o",
        "fun_o",
        "amb_o",
        "shar_o",
        "like_o",
        "prob_o",
        "met_o",
    ];

    private static readonly ImmutableArray<string> Card =
    [
        "attr",
        "sinc",
        "intel",
        "fun",
        "amb",
        "shar",
        "like",
        "prob",
    ];

    /// <summary>Returns the interactions written; rows without a known partner are left out.</summary>
    /// <exception cref="BadTableException">The file has not the columns of that data set.</exception>
    public static int Run(string file, string folder, CancellationToken ct)
    {
        ImmutableArray<string> columns = ["iid", "pid", "wave", "match", .. Profile, .. Date];
        var rows = TableReader
            .Read(file, TableFormat.Default, columns, ct)
            .Select(row => Enumerable.Range(0, columns.Length).Select(i => row[i]).ToArray())
            .ToArray();
        ct.ThrowIfCancellationRequested();
        var given = rows.ToLookup(r => r[0], StringComparer.Ordinal);
        var people = rows.DistinctBy(r => r[0]).ToDictionary(r => r[0], StringComparer.Ordinal);
        TableWriter.Write(
            Path.Combine(folder, "users.csv"),
            ["iid", .. Profile],
            people.Values.Select(r => (string[])[r[0], .. r[4..(4 + Profile.Length)]])
        );
        return TableWriter.Write(
            Path.Combine(folder, "interactions.csv"),
            [
                "iid",
                "pid",
                "wave",
                "match",
                .. Date,
                .. Card.Select(c => c + "_rel"),
                .. Card.Select(c => c + "_o_rel"),
            ],
            rows.Where(r => people.ContainsKey(r[1]))
                .Select(r =>
                    (string[])
                        [
                            .. r[..4],
                            .. r[(4 + Profile.Length)..],
                            .. Card.Select(c => Relative(r, c, r[0], given)),
                            .. Card.Select(c => Relative(r, c + "_o", r[1], given)),
                        ]
                )
        );

        int Place(string column) => columns.IndexOf(column);

        string Relative(string[] row, string column, string rater, ILookup<string, string[]> cards)
        {
            var what = column.EndsWith("_o", StringComparison.Ordinal) ? column[..^2] : column;
            var usual = cards[rater].Select(r => Value(r[Place(what)])).OfType<double>().DefaultIfEmpty().Average();
            return Value(row[Place(column)]) is { } mark ? TableWriter.Number(mark - usual) : "";
        }
    }

    private static double? Value(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
}
