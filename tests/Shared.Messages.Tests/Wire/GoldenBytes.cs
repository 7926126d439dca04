using Google.Protobuf.Reflection;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;

namespace RalmActors.Messages.Tests.Wire;

/// <summary>
/// The bytes of every journaled type as each release wrote them: <c>golden/{manifest}.hex</c>, and beside it
/// <c>{manifest}@{release}.hex</c> for each later form.
/// </summary>
public static class GoldenBytes
{
    public const string WriteVariable = "RALM_WRITE_GOLDEN";

    public const string HowToWrite =
        $"write with: {WriteVariable}=1 artifacts/bin/Shared.Messages.Tests/release/Shared.Messages.Tests "
        + "-class RalmActors.Messages.Tests.Wire.GoldenBytesSpecs "
        + "(after the first release: the release's name in place of 1, which leaves older files alone)";

    private static readonly string Folder = RepositoryFiles.PathOf("tests", "Shared.Messages.Tests", "Wire", "golden");

    /// <summary>What enters the journal or the snapshot store.</summary>
    public static IEnumerable<MessageDescriptor> Journaled =>
        WireTypes
            .All.Where(d =>
                d.ClrType.IsAssignableTo(typeof(IEvent))
                || d.ClrType == typeof(EventGroup)
                || d.Name.EndsWith("Snapshot", StringComparison.Ordinal)
            )
            .OrderBy(d => d.FullName, StringComparer.Ordinal);

    public static IEnumerable<string> Files =>
        Directory.Exists(Folder)
            ? Directory
                .EnumerateFiles(Folder, "*.hex")
                .Select(f => Path.GetFileNameWithoutExtension(f))
                .Order(StringComparer.Ordinal)
            : [];

    public static string ManifestOf(string file) => file.Split('@')[0];

    public static byte[] Read(string file) =>
        Convert.FromHexString(string.Concat(File.ReadAllLines(Path.Combine(Folder, file + ".hex"))));

    /// <summary>Does nothing unless <see cref="WriteVariable"/> is set.</summary>
    public static void WriteWhenAsked(string manifest, byte[] today)
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) is not { Length: > 0 } release)
        {
            return;
        }

        Directory.CreateDirectory(Folder);
        if (release == "1")
        {
            Write(manifest, today);
        }
        else if (!Files.Any(f => ManifestOf(f) == manifest && Read(f).AsSpan().SequenceEqual(today)))
        {
            Write($"{manifest}@{release}", today);
        }
    }

    private static void Write(string file, byte[] bytes) =>
        File.WriteAllLines(Path.Combine(Folder, file + ".hex"), bytes.Chunk(32).Select(Convert.ToHexStringLower));
}
