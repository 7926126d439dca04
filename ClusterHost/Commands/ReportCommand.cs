using System.CommandLine;
using System.Globalization;
using System.Net;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>report</c>: the last hours of a source as a page of its own, asked of a node that runs.</summary>
public static class ReportCommand
{
    public static Command Create()
    {
        var source = new Option<string>("--source")
        {
            Description = "whose series, such as node:NAME",
            Required = true,
        };
        var hours = new Option<double>("--hours")
        {
            Description = "how far back, 0.1 to 17520",
            DefaultValueFactory = _ => 24,
        };
        var output = new Option<string>("--out") { Description = "the page", DefaultValueFactory = _ => "report.html" };
        var url = new Option<string>("--url")
        {
            Description = "of the node",
            DefaultValueFactory = _ => "http://127.0.0.1:8080",
        };
        var keyFile = new Option<string>("--key-file")
        {
            Description = "the file with its API key",
            DefaultValueFactory = _ => Path.Combine("data", "api-key"),
        };
        var command = new Command("report", "the last hours of a source as one page")
        {
            source,
            hours,
            output,
            url,
            keyFile,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var path = parsed.GetValue(output)!;
                var page = await Ask(
                    parsed.GetValue(url)!,
                    parsed.GetValue(keyFile)!,
                    parsed.GetValue(source)!,
                    parsed.GetValue(hours),
                    ct
                );
                await File.WriteAllTextAsync(path, page, ct);
                Console.WriteLine(Path.GetFullPath(path));
                return 0;
            }
        );
        return command;
    }

    private static async Task<string> Ask(string url, string keyFile, string source, double hours, CancellationToken ct)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var node) || node.Scheme is not ("http" or "https"))
        {
            throw new CommandLineException($"--url \"{url}\" must be http://host:port or https://host:port");
        }

        if (!File.Exists(keyFile))
        {
            throw new CommandLineException($"--key-file {keyFile}: no such file");
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Add("X-Api-Key", (await File.ReadAllTextAsync(keyFile, ct)).Trim());
        var path =
            $"/training/monitor/{Uri.EscapeDataString(source)}/report.html?hours={hours.ToString(CultureInfo.InvariantCulture)}";
        try
        {
            using var answer = await http.GetAsync(new Uri(node, path), ct);
            var body = await answer.Content.ReadAsStringAsync(ct);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => body,
                HttpStatusCode.NotFound => throw new CommandLineException($"--source {source}: nobody has told of it"),
                var status => throw new CommandLineException($"{url} answers {(int)status}: {body}"),
            };
        }
        catch (HttpRequestException e)
        {
            throw new CommandLineException($"--url {url}: {e.Message}", e);
        }
    }
}
