using System.CommandLine;
using RalmActors.ClusterHost.Http;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>up</c>: one node, until it is told to stop.</summary>
public static class UpCommand
{
    /// <summary>It was asked to stop, at whatever moment.</summary>
    private const int Stopped = 0;

    public static Command Create()
    {
        var urls = new Option<string?>("--urls")
        {
            Description = "where REST listens, for example http://127.0.0.1:8080",
        };
        var data = new Option<string?>("--data")
        {
            Description = "folder of everything this node keeps, default ./data",
        };
        data.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("--data \"\" must be a folder");
            }
        });
        var roles = new Option<string?>("--roles") { Description = "what this node does, default all of it" };
        var insecure = new Option<bool>("--insecure") { Description = "bind to other addresses without TLS and keys" };
        var command = new Command("up", "run one node; settings by RALM__* variables") { urls, data, roles, insecure };
        command.SetAction(
            (parsed, ct) =>
            {
                var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                Put("Http:Urls", parsed.GetValue(urls));
                Put("Node:DataPath", parsed.GetValue(data));
                Put("Node:Roles", parsed.GetValue(roles));
                Put("Node:Insecure", parsed.GetValue(insecure) ? "true" : null);
                return Run(options, ct);

                void Put(string key, string? value)
                {
                    if (value is not null)
                    {
                        options[key] = value;
                    }
                }
            }
        );
        return command;
    }

    private static async Task<int> Run(Dictionary<string, string> options, CancellationToken ct)
    {
        var signals = StopSignals.OfProcess;
        signals.CodeWhenLate = Stopped;
        try
        {
            return await Run(RalmSettings.Read(ProcessSettings.Written(options)), signals, ct);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // Whatever was in the middle of its start: it was told to stop, and it has.
            return Stopped;
        }
    }

    private static async Task<int> Run(RalmSettings settings, StopSignals signals, CancellationToken ct)
    {
        var node = await RalmNode.Start(settings, ct, say: line => Console.Error.WriteLine($"ralm: {line}"));
        signals.Patience = settings.Http.Drain + RalmNode.ShutdownTimeout + RalmNode.ShortShutdownTimeout;
        string? failure;
        await using (node)
        {
            if (node.GeneratedKeyFile is { } file)
            {
                Console.Error.WriteLine($"API key: {file}");
            }

            Console.Error.WriteLine(
                $"listening on {string.Join(", ", node.Urls)} as {string.Join(", ", settings.Node.Roles)}"
            );
            failure = await node.Ended(ct);
        }

        if (failure is null)
        {
            return Stopped;
        }

        Console.Error.WriteLine($"ralm: {failure}");
        return StartErrors.Failed;
    }
}
