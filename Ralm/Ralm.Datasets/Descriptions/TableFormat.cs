using System.Globalization;
using System.Text;

namespace Ralm.Datasets.Descriptions;

/// <summary>How the cells of a table are written. What is not said here is not guessed.</summary>
public sealed record TableFormat
{
    public static readonly TableFormat Default = new();

    static TableFormat() => System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>CSV: one character between cells. Default: a comma; in a file that ends in <c>.tsv</c> a tab.</summary>
    public string? Delimiter { get; init; }

    /// <summary>CSV: one character around cells; empty: none, and every character is one of the cell. Default: <c>"</c>.</summary>
    public string? Quote { get; init; }

    /// <summary>Name of the text's encoding, as in <c>windows-1252</c>. Default: UTF-8, or what a byte-order mark says.</summary>
    public string? Encoding { get; init; }

    /// <summary>Before the fraction of a number: <c>.</c> (default) or <c>,</c>.</summary>
    public string Decimal { get; init; } = ".";

    /// <summary>Between the thousands of a number: one of <c>, . ' _</c> or a space. Default: nothing may stand there.</summary>
    public string Thousands { get; init; } = "";

    /// <param name="where">Of the table in the description.</param>
    /// <param name="file">Of the table: what its kind does not have is not said of it.</param>
    /// <exception cref="FormatException">A value breaks a rule; the message names it.</exception>
    public void Check(string where, string file)
    {
        var kind = TableKinds.Of(file);
        OnlyFor("delimiter", Delimiter, kind is TableKind.Csv or null, "CSV");
        OnlyFor("quote", Quote, kind is TableKind.Csv or null, "CSV");
        OnlyFor("encoding", Encoding, kind is not TableKind.Parquet, "CSV and JSON Lines");
        Rule(
            "delimiter",
            Delimiter ?? ",",
            d => d.Length == 1 && !char.IsLetterOrDigit(d[0]) && d[0] is not ('\n' or '\r' or '\0'),
            "must be one character, no letter, digit or line break"
        );
        Rule(
            "quote",
            Quote ?? "\"",
            q =>
                q.Length == 0
                || (
                    q.Length == 1
                    && q[0] != DelimiterIn(file)
                    && !char.IsLetterOrDigit(q[0])
                    && !char.IsWhiteSpace(q[0])
                    && q[0] != '\0'
                ),
            "must be one character, no letter, digit or space and not the delimiter, or empty"
        );
        Rule("decimal", Decimal, d => d is "." or ",", "must be . or ,");
        Rule(
            "thousands",
            Thousands,
            t => (t.Length == 0 || (t.Length == 1 && ",.' _\u00a0\u202f".Contains(t[0]))) && t != Decimal,
            "must be one of , . ' _ or a space, and not what decimal is"
        );
        Rule(
            "encoding",
            Encoding ?? "utf-8",
            e => Find(e) is not null,
            "is no encoding known here, as utf-8, utf-16, windows-1252 or iso-8859-1 are"
        );

        void Rule(string key, string value, Predicate<string> holds, string rule)
        {
            if (!holds(value))
            {
                throw new FormatException($"{where}.format.{key} \"{value}\" {rule}");
            }
        }

        void OnlyFor(string key, string? value, bool holds, string kinds)
        {
            if (value is not null && !holds)
            {
                throw new FormatException($"{where}.format.{key} \"{value}\" is for {kinds}; {file} is none");
            }
        }
    }

    /// <summary>Strict: bytes that mean nothing are an error and not a question mark.</summary>
    public Encoding ToText() => Find(Encoding ?? "utf-8")!;

    public char DelimiterIn(string file) =>
        Delimiter is { } said ? said[0]
        : file.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t'
        : ',';

    /// <summary>A finite number, written as declared; true is 1 and false 0, in any case of letters.</summary>
    public bool TryParse(string cell, out double number)
    {
        var text = cell.Trim();
        if (bool.TryParse(text, out var isTrue))
        {
            number = isTrue ? 1 : 0;
            return true;
        }

        if (Thousands.Length > 0 && !TryJoin(ref text))
        {
            number = 0;
            return false;
        }

        if (Decimal != ".")
        {
            if (text.Contains('.', StringComparison.Ordinal))
            {
                number = 0;
                return false;
            }

            text = text.Replace(Decimal, ".", StringComparison.Ordinal);
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }

    /// <summary>Thousands stand in groups of three, or a separator is none: 1.5 is not fifteen.</summary>
    private bool TryJoin(ref string text)
    {
        var end = text.IndexOfAny([Decimal[0], 'e', 'E']);
        var (whole, rest) = end < 0 ? (text, "") : (text[..end], text[end..]);
        var groups = whole.Split(Thousands[0]);
        if (rest.Contains(Thousands[0], StringComparison.Ordinal))
        {
            return false;
        }

        if (
            groups.Length > 1
            && (groups[0].TrimStart('-', '+').Length is 0 or > 3 || groups[1..].Any(g => g.Length != 3))
        )
        {
            return false;
        }

        text = string.Concat(groups) + rest;
        return true;
    }

    private static Encoding? Find(string name)
    {
        try
        {
            return System.Text.Encoding.GetEncoding(
                name,
                EncoderFallback.ExceptionFallback,
                DecoderFallback.ExceptionFallback
            );
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
