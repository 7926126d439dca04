using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>Folders of a project know one another in one direction: who is read first needs nothing of who is read later.</summary>
public sealed class CircleSpecs
{
    public static TheoryData<string> Projects() => [.. Compiled.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_circle_between_folders(string project)
    {
        (string From, string To)[] arrows = [.. Arrows(Compiled.Uses(project), Homes(project))];
        Assert.NotEmpty(arrows);

        Assert.Equal("", string.Join('\n', Circles(arrows)));
    }

    [Fact]
    public void A_circle_is_told_with_its_files()
    {
        var homes = Homes([
            ("A/One.cs", "namespace N;\nclass One { }"),
            ("B/Two.cs", "namespace N;\npublic sealed record Two(int X);"),
            ("C/three.proto", "option csharp_namespace = \"M\";\nmessage Three { }"),
        ]);
        Use[] straight = [Of("N", "One", "N", "Two"), Of("N", "Two", "M", "Three"), Of("N", "One", "System", "String")];

        Assert.Empty(Circles([.. Arrows(straight, homes)]));
        Assert.Equal(
            ["A/One.cs -> B/Two.cs", "B/Two.cs -> C/three.proto", "C/three.proto -> A/One.cs"],
            Circles([.. Arrows([.. straight, Of("M", "Three", "N", "One")], homes)])
        );
    }

    private static Use Of(string ns, string type, string usedNamespace, string usedType) =>
        new(ns, type, usedNamespace, usedType, "");

    private static IEnumerable<(string From, string To)> Arrows(
        IEnumerable<Use> uses,
        Dictionary<string, string> homes
    ) =>
        from use in uses
        let user = homes.GetValueOrDefault(Key(use.Namespace, use.Type))
        let used = homes.GetValueOrDefault(Key(use.UsedNamespace, use.UsedType))
        where user is not null && used is not null && Folder(user) != Folder(used)
        select (user, used);

    /// <summary>The arrows that a way leads back from.</summary>
    private static IEnumerable<string> Circles((string From, string To)[] arrows)
    {
        var next = arrows.ToLookup(a => Folder(a.From), a => Folder(a.To), StringComparer.Ordinal);
        var reached = next.Select(f => f.Key)
            .Concat(arrows.Select(a => Folder(a.To)))
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(f => f, f => ReachedFrom(f, next), StringComparer.Ordinal);
        return arrows
            .Where(a => reached[Folder(a.To)].Contains(Folder(a.From)))
            .Select(a => $"{a.From} -> {a.To}")
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
    }

    private static HashSet<string> ReachedFrom(string folder, ILookup<string, string> next)
    {
        HashSet<string> seen = [];
        var waiting = new Queue<string>([folder]);
        while (waiting.TryDequeue(out var from))
        {
            foreach (var to in next[from].Where(seen.Add))
            {
                waiting.Enqueue(to);
            }
        }

        return seen;
    }

    private static Dictionary<string, string> Homes(string project)
    {
        var name = project == "ralm-host" ? "ClusterHost" : project;
        var folder = Compiled.Libraries.Contains(project)
            ? RepositoryFiles.PathOf("Ralm", name)
            : RepositoryFiles.PathOf(name);
        return Homes(
            from file in Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories)
            where Path.GetExtension(file) is ".cs" or ".proto"
            orderby file
            select (
                Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'),
                File.ReadAllText(file)
            )
        );
    }

    /// <summary>Where each outermost type is declared; a part of a message in C# stands beside its .proto.</summary>
    private static Dictionary<string, string> Homes(IEnumerable<(string File, string Text)> sources)
    {
        var homes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, text) in sources)
        {
            foreach (var (ns, type, _) in SourceTypes.Of(text))
            {
                homes.TryAdd(Key(ns, type), file);
            }
        }

        return homes;
    }

    private static string Key(string ns, string type) => $"{ns}.{type.Split('`')[0]}";

    private static string Folder(string file) =>
        file.Contains('/', StringComparison.Ordinal) ? file[..file.LastIndexOf('/')] : "";
}
