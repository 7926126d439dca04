using System.Reflection;
using Akka.Configuration;
using RalmActors.ClusterHost.Persistence;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>A misspelt HOCON key is silently ignored by Akka. Here it fails, by name.</summary>
public sealed class HoconKeysSpecs
{
    private static readonly Lazy<Config> Reference = new(AllReferenceConfigs);

    public static TheoryData<string> Files => [.. HoconFiles.All];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_key_is_one_that_akka_knows(string file)
    {
        var unknown = KeysOf(HoconFiles.Read(file)).Where(key => !Reference.Value.HasPath(Canonical(key))).ToArray();

        Assert.True(unknown.Length == 0, $"hocon/{file}: {string.Join(", ", unknown)}");
    }

    [Fact]
    public void A_misspelt_key_is_found() =>
        Assert.False(Reference.Value.HasPath("akka.cluster.sharding.rebalance-absolute-limit"));

    [Fact]
    public void Every_file_of_the_folder_is_compiled_in()
    {
        var folder = RepositoryFiles.PathOf("hocon");
        var files = Directory
            .EnumerateFiles(folder, "*.conf", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));

        Assert.Equal(files.Order(StringComparer.Ordinal), HoconFiles.All);
    }

    private static IEnumerable<string> KeysOf(Config config) =>
        config.AsEnumerable().SelectMany(e => Leaves(e.Key, e.Value));

    private static IEnumerable<string> Leaves(string path, Akka.Configuration.Hocon.HoconValue value) =>
        value.IsObject() ? value.GetObject().Items.SelectMany(i => Leaves($"{path}.{i.Key}", i.Value)) : [path];

    /// <summary>Our second set of tables follows the reference of the plugin.</summary>
    private static string Canonical(string key) =>
        key.Replace("journal.sharding.", "journal.sql.", StringComparison.Ordinal)
            .Replace("snapshot-store.sharding.", "snapshot-store.sql.", StringComparison.Ordinal);

    private static Config AllReferenceConfigs()
    {
        var all = ConfigurationFactory.Empty;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Akka*.dll"))
        {
            var assembly = Assembly.LoadFrom(file);
            foreach (
                var name in assembly
                    .GetManifestResourceNames()
                    .Where(n => n.EndsWith(".conf", StringComparison.Ordinal))
            )
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                all = all.WithFallback(ConfigurationFactory.ParseString(reader.ReadToEnd()));
            }
        }

        return all;
    }
}
