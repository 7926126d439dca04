using System.Net;
using System.Net.Sockets;
using RalmActors.Cluster.Specs.Support;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>A program that cannot do what it is asked says why in one line that is true, and ends with the code for it.</summary>
public sealed class StartStateSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-start-").FullName;

    private string Data => Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_port_in_use_is_named_before_anything_is_logged()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var node = Up(("RALM__HTTP__URLS", $"http://127.0.0.1:{port}"), ("RALM__LOGGING__LEVEL", "debug"));

        await Says(node, 1, $"127.0.0.1:{port} is in use by another program");
        Assert.Equal(0, await node.LogLines());
    }

    [Fact]
    public async Task A_folder_that_another_node_uses_is_said_to_be_used()
    {
        await using var first = await Up().UntilReady();
        await using var second = Up();

        await Says(second, 1, "is used by another node");
    }

    [Fact]
    public async Task A_data_path_that_is_a_file_is_said_to_be_one()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        await using var node = Up(("RALM__NODE__DATA_PATH", Path.Combine(_folder, "file")));

        await Says(node, 1, "is a file, and must be a folder");
    }

    [Fact]
    public async Task An_empty_key_file_is_refused_instead_of_locking_everybody_out()
    {
        await File.WriteAllTextAsync(Path.Combine(Data, "api-key"), "");
        await using var node = Up(("RALM__HTTP__API_KEYS", ""));

        await Says(node, 1, "holds no key of 16 characters or more");
    }

    [Fact]
    public async Task An_emptied_database_is_not_taken_for_a_new_node()
    {
        await using (var node = await Up().UntilReady())
        {
            await node.Signal("TERM");
            Assert.Equal(0, (await node.Ended()).Code);
        }

        await File.WriteAllTextAsync(Path.Combine(Data, "ralm.db"), "");
        await using var emptied = Up();
        await Says(emptied, 1, "ralm.db is empty, but this data folder belongs to cluster");
    }

    [Fact]
    public async Task Replaying_an_unknown_lineage_is_answered_without_a_trace()
    {
        await using (var none = new HostRun(_folder, ["replay", "--lineage", "nobody"]))
        {
            await Says(none, 1, "there is no database");
        }

        await using (var node = await Up().UntilReady())
        {
            await node.Signal("TERM");
            await node.Ended();
        }

        await using var unknown = new HostRun(_folder, ["replay", "--lineage", "nobody"]);
        await Says(unknown, 1, "the journal knows no lineage \"nobody\"");
    }

    [Fact]
    public async Task A_broken_settings_file_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), "{ \"Ralm\": ");
        await using var node = Up();

        await Says(node, 2, "appsettings.json \"\" must be JSON that can be read");
    }

    private HostRun Up(params (string Name, string Value)[] settings) =>
        new(_folder, ["up"], settings.ToDictionary(s => s.Name, s => s.Value));

    private static async Task Says(HostRun run, int code, string line)
    {
        var (ended, errors) = await run.Ended();
        Assert.Contains(line, errors, StringComparison.Ordinal);
        Assert.Single(
            errors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            said => !said.Contains("now for their owner alone", StringComparison.Ordinal)
        );
        Assert.Equal(code, ended);
    }
}
