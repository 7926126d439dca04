using System.Globalization;
using System.IO.Compression;
using System.Text;
using Ralm.Datasets.Descriptions;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>
/// Small ugly tables, each with the right outcome beside it: <c>Corpus/*.txt</c>. A case is a name, what the description says
/// of the table, the table, and the rows that are read of it or why they are refused.
/// </summary>
public sealed class CorpusSpecs
{
    public static TheoryData<string, string> Cases() =>
        [
            .. Directory
                .EnumerateFiles(Folder, "*.txt")
                .Order(StringComparer.Ordinal)
                .SelectMany(f => Read(f).Select(c => (Path.GetFileNameWithoutExtension(f), c.Name))),
        ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_table_is_read_as_it_says_or_refused(string kind, string name)
    {
        var given = Read(Path.Combine(Folder, $"{kind}.txt")).Single(c => c.Name == name);

        Assert.Equal(given.Outcome, CorpusTable.Outcome(given.File, given.Bytes(), given.Description));
    }

    [Fact]
    public void The_corpus_has_about_a_hundred_tables() => Assert.InRange(Cases().Count, 100, 1_000);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Preparation", "Corpus");

    private static IEnumerable<Case> Read(string file) =>
        File.ReadAllText(file)
            .Split("=== ", StringSplitOptions.RemoveEmptyEntries)
            .Select(c => Case.Parse(c, Path.GetFileNameWithoutExtension(file) == "json" ? "t.jsonl" : "t.csv"));

    private sealed record Case(string Name, IReadOnlyDictionary<string, string> Said, string Table, string Outcome)
    {
        public string File => Said["file"];

        public string Description =>
            $$"""
                {"name":"given","interactions":{"file":"x","user":"x","candidate":"x","label":"x"},"missing":{{Or(
                    "missing",
                    "[]"
                )}},
                 "users":{"file":"{{File}}","key":"id","format": {{Or("format", "{}")}}, "columns": {{Said[
                    "columns"
                ]}} } }
                """;

        public static Case Parse(string text, string file)
        {
            var parts = text.Split("---\n", 3);
            var lines = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var said = lines[1..]
                .Select(l => l.Split(": ", 2))
                .ToDictionary(l => l[0], l => l[1], StringComparer.Ordinal);
            said.TryAdd("file", file);
            return new Case(lines[0], said, parts[1], parts[2].TrimEnd('\n'));
        }

        public byte[] Bytes()
        {
            var text = Or("ends", "") == "bare" ? Table.TrimEnd('\n') : Table;
            text = Or("breaks", "") switch
            {
                "crlf" => text.Replace("\n", "\r\n", StringComparison.Ordinal),
                "cr" => text.Replace('\n', '\r'),
                _ => text,
            };
            var name = Or("encoding", "utf-8");
            var encoding = TableFormat.Default with { Encoding = name.Replace("-bom", "", StringComparison.Ordinal) };
            byte[] bytes =
            [
                .. name.EndsWith("-bom", StringComparison.Ordinal) ? encoding.ToText().GetBytes("\ufeff") : [],
                .. encoding.ToText().GetBytes(text),
            ];
            bytes = Damaged(bytes, encoding.ToText());
            var packing = Or("packed", File.EndsWith(".gz", StringComparison.Ordinal) ? "yes" : "no");
            if (packing == "no")
            {
                return bytes;
            }

            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            {
                gzip.Write(bytes);
            }

            var all = packed.ToArray();
            // The last eight are a checksum and the length.
            all[^8] ^= (byte)(packing == "damaged" ? 0xff : 0);
            return all;
        }

        private byte[] Damaged(byte[] bytes, Encoding encoding)
        {
            if (Or("broken", "") is [var broken])
            {
                bytes[Array.IndexOf(bytes, (byte)broken)] = 0xff;
            }

            if (Or("half", "") is { Length: 1 } half)
            {
                // A high surrogate, and no low one behind it.
                new byte[] { 0x00, 0xd8 }.CopyTo(bytes, bytes.AsSpan().IndexOf(encoding.GetBytes(half)));
            }

            return bytes[..^int.Parse(Or("cut", "0"), CultureInfo.InvariantCulture)];
        }

        private string Or(string key, string otherwise) => Said.GetValueOrDefault(key, otherwise);
    }
}
