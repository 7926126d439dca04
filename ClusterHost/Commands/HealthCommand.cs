using System.CommandLine;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>health</c>: asks a node whether it is ready. For container health checks, where no other client is.</summary>
public static class HealthCommand
{
    public static Command Create()
    {
        var url = new Option<string>("--url")
        {
            Description = "what to ask",
            DefaultValueFactory = _ => "http://127.0.0.1:8080/health/ready",
        };
        var command = new Command("health", "ends with 0 when a node answers that it is ready") { url };
        command.SetAction((parsed, ct) => Ask(new Uri(parsed.GetValue(url)!), ct));
        return command;
    }

    private static async Task<int> Ask(Uri url, CancellationToken ct)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(url, ct);
            return answer.IsSuccessStatusCode ? 0 : StartErrors.Failed;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"ralm: {url}: {e.Message}");
            return StartErrors.Failed;
        }
    }
}
