using System.IO.Compression;
using Ralm.Datasets.Descriptions;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Data;

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

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Data", "Corpus");

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
            if (!File.EndsWith(".gz", StringComparison.Ordinal))
            {
                return bytes;
            }

            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            {
                gzip.Write(bytes);
            }

            return packed.ToArray();
        }

        private string Or(string key, string otherwise) => Said.GetValueOrDefault(key, otherwise);
    }
}
