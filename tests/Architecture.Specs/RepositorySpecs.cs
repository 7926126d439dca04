using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Architecture.Specs;

public class RepositorySpecs
{
    private static readonly string[] Generated = ["artifacts", "bin", "obj", "data", "logs", ".git"];

    private static readonly string[] TestClassNames = ["Specs", "Measures", "Contract"];

    /// <summary>At 200 lines stop and think; at 400 it is two concepts.</summary>
    [Fact]
    public void No_source_file_is_longer_than_400_lines() =>
        Assert.Empty(
            Files("*.cs")
                .Select(f => (Path: f, Lines: File.ReadLines(f).Count()))
                .Where(f => f.Lines > 400)
                .Select(f => $"{Relative(f.Path)}: {f.Lines} lines")
        );

    /// <summary>A type in several files is still one concept.</summary>
    [Fact]
    public void No_type_is_longer_than_400_lines_over_all_its_files() =>
        Assert.Empty(
            Files("*.cs")
                .SelectMany(f => SourceTypes.Of(File.ReadAllText(f)))
                .GroupBy(t => $"{t.Namespace}.{t.Type}", t => t.Lines, StringComparer.Ordinal)
                .Where(t => t.Sum() > 400)
                .Select(t => t.Key)
        );

    [Fact]
    public void A_type_has_the_lines_of_all_its_files()
    {
        const string One = "namespace N;\n\npublic sealed partial class A\n{\n}\n\ninternal sealed record B(int X);\n";
        const string Other = "namespace N;\n\npublic sealed partial class A\n{\n    private int _a;\n}\n";

        Assert.Equal([("N", "A", 6), ("N", "B", 1)], SourceTypes.Of(One));
        Assert.Equal([("N", "A", 6)], SourceTypes.Of(Other));
    }

    [Fact]
    public void Every_project_has_a_lock_file() =>
        Assert.Empty(
            Files("*.csproj")
                .Where(p => !File.Exists(Path.Combine(Path.GetDirectoryName(p)!, "packages.lock.json")))
                .Select(Relative)
        );

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(RepositoryFiles.PathOf("RalmActors.sln"));

        Assert.Empty(
            Files("*.csproj")
                .Where(p => !solution.Contains(Path.GetFileName(p), StringComparison.Ordinal))
                .Select(Relative)
        );
    }

    [Fact]
    public void A_project_names_packages_and_the_central_file_names_versions() =>
        Assert.Empty(
            Files("*.csproj")
                .Where(p =>
                    File.ReadLines(p)
                        .Any(l =>
                            l.Contains("<PackageReference", StringComparison.Ordinal)
                            && l.Contains("Version=", StringComparison.Ordinal)
                        )
                )
                .Select(Relative)
        );

    /// <summary>Measures are asked for and print figures; a contract is a set of specs that several classes inherit.</summary>
    [Fact]
    public void A_class_with_tests_is_named_Specs_Measures_or_Contract() =>
        Assert.Empty(
            Directory
                .EnumerateFiles(RepositoryFiles.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
                .Where(f => !IsGenerated(f) && File.ReadLines(f).Any(l => l.TrimStart() is var t && IsTestMark(t)))
                .Where(f => Path.GetFileNameWithoutExtension(f) is var name && !IsTestClass(name))
                .Select(Relative)
        );

    /// <summary>A verb of the program that the one script does not pass on is one that nobody has.</summary>
    [Fact]
    public void Every_verb_of_the_program_is_one_of_the_script()
    {
        var script = File.ReadAllText(RepositoryFiles.PathOf("ralm"));
        var passedOn = script.Split('\n').Single(l => l.Contains(") run_host \"$verb\"", StringComparison.Ordinal));
        string[] verbs =
        [
            .. Directory
                .EnumerateFiles(RepositoryFiles.PathOf("ClusterHost", "Commands"), "*Command.cs")
                .Select(f => File.ReadAllText(f).Split("new Command(\"") is [_, var rest, ..] ? rest.Split('"')[0] : "")
                .Where(v => v.Length > 0),
        ];

        Assert.Contains("describe", verbs);
        Assert.Empty(verbs.Except(passedOn.Trim().Split(')')[0].Split(" | "), StringComparer.Ordinal));
        // Asked by Docker, not by people.
        Assert.All(
            verbs.Where(v => v != "health"),
            v => Assert.Contains($"\n  {v} ", script, StringComparison.Ordinal)
        );
    }

    private static bool IsTestClass(string name) =>
        TestClassNames.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal));

    private static bool IsTestMark(string line) =>
        line.StartsWith("[Fact", StringComparison.Ordinal) || line.StartsWith("[Theory", StringComparison.Ordinal);

    private static IEnumerable<string> Files(string pattern) =>
        Directory
            .EnumerateFiles(RepositoryFiles.Root, pattern, SearchOption.AllDirectories)
            .Where(f => !IsGenerated(f));

    private static bool IsGenerated(string path) =>
        Relative(path).Split(Path.DirectorySeparatorChar).Any(p => Generated.Contains(p));

    private static string Relative(string path) => Path.GetRelativePath(RepositoryFiles.Root, path);
}
