using System.Text.Json;
using Xunit;

namespace RalmActors.TestSupport;

/// <summary>
/// Public data sets and other people's test vectors, which are too large or not ours to publish. Specs that need them are
/// skipped where they are not; the variable RALM_SHARED_DATA says where they are.
/// </summary>
public static class SharedData
{
    /// <summary>Trait of specs that need it.</summary>
    public const string Category = "SharedData";

    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("RALM_SHARED_DATA") ?? RepositoryFiles.PathOf("..", "shared", "data");

    /// <summary>The path of a file or folder; the test is skipped when it is not there.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts)
    {
        var path = Path.Combine([Folder, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"no {path}: set RALM_SHARED_DATA to the folder of the shared data");
        return path;
    }

    /// <summary>All files of that kind below a folder, in order; the test is skipped when there is no such folder.</summary>
    public static IEnumerable<string> Files(string pattern, params ReadOnlySpan<string> folder) =>
        Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static JsonElement JsonOf(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    public static JsonElement Json(params ReadOnlySpan<string> parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(PathOf(parts)));
        return document.RootElement.Clone();
    }
}
