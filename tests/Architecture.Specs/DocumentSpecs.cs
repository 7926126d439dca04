using System.Text.RegularExpressions;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>Documents tell the tree that is there.</summary>
public sealed partial class DocumentSpecs
{
    private static readonly string[] Generated = ["artifacts", "bin", "obj", "data", "logs", ".git", "packages"];

    /// <summary>Words of somebody else, in documents as code.</summary>
    private static readonly string[] Foreign = ["KualaLampur"];

    private static readonly Lazy<HashSet<string>> Words = new(ReadWords);

    public static TheoryData<string> Documents() =>
        [
            .. Files("*.md")
                .Select(Relative)
                // What was, and what others call it.
                .Where(f => f != "CHANGELOG.md"),
        ];

    /// <summary>A type, a message or a spec in backticks is one of the sources.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void What_a_document_names_is_there(string document) =>
        Assert.Empty(
            from line in File.ReadLines(RepositoryFiles.PathOf(document)).Index()
            from code in Code().Matches(line.Item).Select(m => m.Groups["code"].Value)
            from name in TypeName().Matches(code).Select(m => m.Value)
            where !Words.Value.Contains(name) && !Foreign.Contains(name)
            select $"{document} line {line.Index + 1}: {name}"
        );

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_path_that_a_document_names_is_there(string document)
    {
        string[] rooms = [.. Directory.EnumerateDirectories(RepositoryFiles.Root).Select(d => Path.GetFileName(d)!)];

        Assert.Empty(
            from line in File.ReadLines(RepositoryFiles.PathOf(document)).Index()
            from code in Code().Matches(line.Item).Select(m => m.Groups["code"].Value)
            from path in PathName().Matches(code).Select(m => m.Value)
            where
                rooms.Except(Generated).Contains(path.Split('/')[0])
                && !path.Contains('*', StringComparison.Ordinal)
                && !code.Contains('<', StringComparison.Ordinal)
                && !Path.Exists(RepositoryFiles.PathOf(path.Split('/')))
            select $"{document} line {line.Index + 1}: {path}"
        );
    }

    /// <summary>A link to a document leads to one, and to a heading of it.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void A_link_leads_somewhere(string document) =>
        Assert.Empty(
            from line in File.ReadLines(RepositoryFiles.PathOf(document)).Index()
            from link in Link().Matches(line.Item).Select(m => m.Groups["to"].Value)
            where !link.Contains("://", StringComparison.Ordinal)
            let parts = link.Split('#')
            let file = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0])
            let path = RepositoryFiles.PathOf(file)
            where !Path.Exists(path) || (parts.Length > 1 && !Headings(path).Contains(parts[1]))
            select $"{document} line {line.Index + 1}: {link}"
        );

    /// <summary>As a page of the repository links to them.</summary>
    private static IEnumerable<string> Headings(string path) =>
        File.ReadLines(path)
            .Where(l => l.StartsWith('#'))
            .Select(l =>
                l.TrimStart('#').Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')
            )
            .Select(cs => string.Concat(cs).Replace(' ', '-'));

    /// <summary>One word, one meaning.</summary>
    [Fact]
    public void The_glossary_has_each_word_once()
    {
        var words = File.ReadLines(RepositoryFiles.PathOf("docs", "glossary.md"))
            .Where(l =>
                l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| Term", StringComparison.Ordinal)
            )
            .SelectMany(l => l.Split('|')[1].Split(','))
            .Select(w => w.Trim())
            .ToArray();

        Assert.InRange(words.Length, 100, 1_000);
        Assert.Empty(
            words.CountBy(w => w, StringComparer.OrdinalIgnoreCase).Where(w => w.Value > 1).Select(w => w.Key)
        );
    }

    public static TheoryData<string> Regions() =>
        [.. typeof(RegionNames).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Regions))]
    public void An_entity_is_in_the_picture_and_in_the_table(string region)
    {
        Assert.Contains(
            $">{region}<",
            File.ReadAllText(RepositoryFiles.PathOf("docs", "flow.svg")),
            StringComparison.Ordinal
        );
        Assert.Contains($"\n| `{region}` |", Architecture, StringComparison.Ordinal);
    }

    /// <summary>Commands and questions stand in the row of the entity that takes them.</summary>
    [Fact]
    public void A_message_is_in_the_table()
    {
        var told = typeof(RegionNames)
            .Assembly.GetExportedTypes()
            .Where(t => t.IsClass && (t.IsAssignableTo(typeof(ICommand)) || t.IsAssignableTo(typeof(IQuery))))
            .Select(t => t.Name)
            .ToArray();

        Assert.InRange(told.Length, 50, 500);
        var table = Code().Matches(Architecture).Select(m => m.Groups["code"].Value);
        Assert.Empty(told.Except(table, StringComparer.Ordinal));
    }

    private static string Architecture => File.ReadAllText(RepositoryFiles.PathOf("docs", "architecture.md"));

    private static HashSet<string> ReadWords()
    {
        string[] sources = ["*.cs", "*.proto", "*.py", "*.conf", "*.csproj", "*.props", "*.yml", "*.sh", "Dockerfile"];
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in sources.SelectMany(Files))
        {
            words.UnionWith(TypeName().Matches(File.ReadAllText(file)).Select(m => m.Value));
            words.Add(Path.GetFileNameWithoutExtension(file));
        }

        return words;
    }

    private static IEnumerable<string> Files(string pattern) =>
        Directory
            .EnumerateFiles(RepositoryFiles.Root, pattern, SearchOption.AllDirectories)
            .Where(f => !Relative(f).Split('/').Any(p => Generated.Contains(p)));

    private static string Relative(string path) =>
        Path.GetRelativePath(RepositoryFiles.Root, path).Replace(Path.DirectorySeparatorChar, '/');

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Link();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Code();

    /// <summary>Of two humps at least.</summary>
    [GeneratedRegex(@"\b[A-Z][a-z]+([A-Z][a-z0-9]+)+\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"(?<![\w./~-])([A-Za-z][\w.-]*/)+[\w.*-]*", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex PathName();
}
