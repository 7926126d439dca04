using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>Domain code gets time, randomness and data as arguments; what it returns depends on nothing else.</summary>
public class DomainPuritySpecs
{
    private static readonly string[] ForbiddenNamespaces =
    [
        "Akka",
        "TorchSharp",
        "System.Net",
        "System.Data",
        "System.Threading",
        "System.Diagnostics.Metrics",
        "Microsoft.Extensions",
        "Microsoft.AspNetCore",
    ];

    private static readonly string[] ForbiddenTypes =
    [
        "System.IO.File",
        "System.IO.FileInfo",
        "System.IO.FileStream",
        "System.IO.Directory",
        "System.IO.DirectoryInfo",
        "System.Console",
        "System.Environment",
        "System.Diagnostics.Process",
        "System.Diagnostics.Stopwatch",
        "System.TimeProvider",
    ];

    private static readonly string[] ForbiddenMembers =
    [
        "System.DateTime.get_Now/0",
        "System.DateTime.get_UtcNow/0",
        "System.DateTime.get_Today/0",
        "System.DateTimeOffset.get_Now/0",
        "System.DateTimeOffset.get_UtcNow/0",
        "System.Guid.NewGuid/0",
        "System.Guid.CreateVersion7/0",
        "System.Random.get_Shared/0",
        "System.Random..ctor/0",
    ];

    /// <summary>The compiler writes it into every iterator.</summary>
    private const string IteratorGuard = "System.Environment.get_CurrentManagedThreadId/0";

    public static TheoryData<string> Projects => [.. Compiled.ActorProjects, .. Compiled.Libraries];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Domain_code_is_pure(string project) =>
        Assert.Empty(
            Compiled
                .Uses(project)
                .Where(u => u.InDomain && IsForbidden(u))
                .Select(u => u.ToString())
                .ToHashSet(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("System.Random", ".ctor/0", true)]
    [InlineData("System.Random", ".ctor/1", false)]
    [InlineData("System.IO.File", "ReadAllText/1", true)]
    [InlineData("System.IO.Hashing.XxHash128", "Hash/1", false)]
    [InlineData("System.Threading.Tasks.Task", "Run/1", true)]
    [InlineData("AkkaLike.Thing", "Do/0", false)]
    [InlineData("System.Environment", "get_ProcessorCount/0", true)]
    [InlineData("System.Environment", "get_CurrentManagedThreadId/0", false)]
    public void The_rule_itself_tells_pure_from_impure(string type, string member, bool forbidden)
    {
        var dot = type.LastIndexOf('.');

        Assert.Equal(forbidden, IsForbidden(new Use("X.Domain", "T", type[..dot], type[(dot + 1)..], member)));
    }

    private static bool IsForbidden(Use use)
    {
        var type = $"{use.UsedNamespace}.{use.UsedType}";
        return ForbiddenNamespaces.Any(use.Touches)
            || (ForbiddenTypes.Contains(type) && $"{type}.{use.UsedMember}" != IteratorGuard)
            || ForbiddenMembers.Contains($"{type}.{use.UsedMember}");
    }
}
