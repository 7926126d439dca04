using Akka.Configuration;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>
/// A replay filter that refuses or drops what another process wrote makes an entity unreadable that came back to a
/// process it had left, or loses its events.
/// </summary>
public sealed class ReplayFilterSpecs(SharedNode shared)
{
    [Fact]
    public async Task No_journal_of_a_node_refuses_or_drops_what_another_process_wrote()
    {
        var node = await shared.Node();
        var config = node.Node.System.Settings.Config;
        var fallback = config.GetConfig("akka.persistence.journal-plugin-fallback");
        var journals = config.GetConfig("akka.persistence.journal");
        string[] plugins = [.. journals.Root.GetObject().Items.Where(i => i.Value.IsObject()).Select(i => i.Key)];
        var modes = plugins.ToDictionary(
            plugin => plugin,
            plugin => journals.GetConfig(plugin).WithFallback(fallback).GetString("replay-filter.mode"),
            StringComparer.Ordinal
        );

        Assert.Contains("sql", plugins);
        Assert.Contains("sharding", plugins);
        Assert.All(modes, mode => Assert.Equal("off", mode.Value));
    }

    [Fact]
    public void No_configuration_file_asks_for_one()
    {
        var folder = RepositoryFiles.PathOf("hocon");
        var asking = Directory
            .EnumerateFiles(folder, "*.conf", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("replay-filter", StringComparison.Ordinal))
            .Select(line => line.Trim());

        Assert.Equal(["replay-filter.mode = off"], asking);
    }
}
