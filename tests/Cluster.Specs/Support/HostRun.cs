using System.Diagnostics;
using System.Text.Json;
using RalmActors.TestSupport;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>
/// One run of the product's program, from its start to its exit code, with what it said on the way. Nothing is waited for
/// but what a spec asks.
/// </summary>
public sealed class HostRun : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private readonly HttpClient _http;

    /// <param name="folder">Where it runs; the data folder of <c>up</c> is in it, unless the settings say another one.</param>
    public HostRun(string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        Url = new Uri($"http://127.0.0.1:{LocalServer.FreePort()}");
        _http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(5) };
        var start = new ProcessStartInfo(
            RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host"),
            arguments
        )
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["RALM__NODE__DATA_PATH"] = Path.Combine(folder, "data"),
                ["RALM__HTTP__URLS"] = Url.ToString().TrimEnd('/'),
                ["RALM__HTTP__API_KEYS"] = "key-of-a-spec-1234",
                ["RALM__LOGGING__LEVEL"] = "error",
            },
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public Uri Url { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Until the program's first line has run; what is sent before reaches only the runtime.</summary>
    public Task Began() =>
        OperatingSystem.IsLinux()
            ? Eventually.Is(() =>
                HasEnded || File.ReadLines($"/proc/{_process.Id}/status").Any(line => line is "Umask:\t0077")
            )
            : Task.Delay(TimeSpan.FromSeconds(1));

    /// <summary>TERM, INT, STOP, CONT: sent now.</summary>
    public Task Signal(string name) =>
        _process.HasExited ? Task.CompletedTask : LocalServer.Run("kill", $"-{name}", $"{_process.Id}");

    /// <summary>Waits for the end; what it said on standard error is complete then.</summary>
    public async Task<(int Code, string Errors)> Ended()
    {
        await Eventually.Is(() => _process.HasExited);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>Lines on standard output: the log.</summary>
    public async Task<int> LogLines() => (await _output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>What <c>/health/ready</c> says now: its status code and the checks that fail; 0 while nobody answers.</summary>
    public async Task<(int Status, IReadOnlyDictionary<string, string> Failing)> Ready()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready");
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return (
                (int)answer.StatusCode,
                body.RootElement.GetProperty("checks")
                    .EnumerateArray()
                    .Where(check => check.GetProperty("status").GetString() != "Healthy")
                    .ToDictionary(
                        check => check.GetProperty("name").GetString()!,
                        check => check.GetProperty("description").GetString()!
                    )
            );
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (0, new Dictionary<string, string>());
        }
    }

    public async Task<int> Live()
    {
        using var answer = await _http.GetAsync("/health/live");
        return (int)answer.StatusCode;
    }

    /// <summary>Waits until it says that it is ready; an end before that fails the spec with what it said.</summary>
    public async Task<HostRun> UntilReady()
    {
        await Eventually.Is(async () =>
            HasEnded ? throw new InvalidOperationException((await Ended()).Errors) : (await Ready()).Status == 200
        );
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
    }
}
