using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>The product as its owner runs it: a process, a data folder, REST. It can be killed at any moment.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    private readonly string _data;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly Uri _url = new($"http://127.0.0.1:{LocalServer.FreePort()}");
    private readonly HttpClient _http;
    private Process? _process;

    /// <param name="settings">Environment variables beyond those every spec needs.</param>
    public HostProcess(string data, IReadOnlyDictionary<string, string>? settings = null)
    {
        _data = data;
        _settings = settings ?? new Dictionary<string, string>();
        _http = new HttpClient { BaseAddress = _url, Timeout = TimeSpan.FromSeconds(15) };
        _http.DefaultRequestHeaders.Add("X-Api-Key", "key-of-a-spec-1234");
    }

    /// <summary>Starts it and waits until it says that it is ready; how long that took.</summary>
    public async Task<TimeSpan> Start()
    {
        var started = Stopwatch.StartNew();
        var host = RepositoryFiles.PathOf("artifacts", "bin", "ClusterHost", "release", "ralm-host");
        var start = new ProcessStartInfo(host, ["up", "--data", _data, "--urls", _url.ToString().TrimEnd('/')])
        {
            UseShellExecute = false,
            WorkingDirectory = _data,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["RALM__Http__ApiKeys"] = "key-of-a-spec-1234", ["RALM__Logging__Level"] = "error" },
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.Is(async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"{host} ended with {_process.ExitCode}");
            }

            return await IsReady();
        });
        return started.Elapsed;
    }

    /// <summary>For what has no method here.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = _url, Timeout = Waiting.Patience };
        client.DefaultRequestHeaders.Add("X-Api-Key", "key-of-a-spec-1234");
        return client;
    }

    /// <summary>Memory the process has now, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillNine()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>What <c>/health/ready</c> says now.</summary>
    public Task<bool> IsReady() => TryGet("/health/ready");

    public Task<bool> IsLive() => TryGet("/health/live");

    /// <summary>Asks once.</summary>
    public async Task<bool> TryGet(string path)
    {
        try
        {
            using var answer = await _http.GetAsync(path);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>SIGTERM: hands over what it has and leaves.</summary>
    public async Task Stop()
    {
        if (IsRunning)
        {
            await Signal("TERM");
        }

        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP: it computes nothing, answers nobody and keeps its connections.</summary>
    public Task Freeze() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public Task Thaw() => Signal("CONT");

    /// <summary>Posts a command, the same one again and again, until it is accepted.</summary>
    public async Task Accepted(string path, ICommand command)
    {
        await Eventually.Is(() => TryAccepted(path, command));
    }

    /// <summary>Posts a command once. A refusal of the command itself throws.</summary>
    public async Task<bool> TryAccepted(string path, ICommand command)
    {
        var (status, body) = await TryPost(path, command);
        return IsRefusal(status) ? throw new InvalidOperationException($"{path} was refused: {body}")
            : status is null or >= HttpStatusCode.BadRequest ? false
            : Parser.Parse<CommandReply>(body).Outcome is CommandOutcome.Accepted or CommandOutcome.Duplicate;
    }

    /// <summary>Asks until it is answered: right after a start an entity may still be recovering.</summary>
    public async Task<T> Get<T>(string path)
        where T : IMessage<T>, new()
    {
        T? answer = default;
        await Eventually.Is(async () =>
        {
            using var response = await _http.GetAsync(path);
            if (response.IsSuccessStatusCode)
            {
                answer = Parser.Parse<T>(await response.Content.ReadAsStringAsync());
            }

            return response.IsSuccessStatusCode;
        });
        return answer!;
    }

    /// <summary>Asks a few times at most: is it read, whatever it says?</summary>
    public async Task<bool> Answers(string path)
    {
        for (var tries = 0; tries < 5; tries++)
        {
            try
            {
                using var response = await _http.GetAsync(path);
                if (response.IsSuccessStatusCode)
                {
                    return true;
                }

                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Asked again.
            }
        }

        return false;
    }

    /// <summary>
    /// Posts a question, the same one again and again, until it is answered: right after a start a scorer may not know a
    /// family yet.
    /// </summary>
    public async Task<T> Ask<T>(string path, IMessage question)
        where T : IMessage<T>, new()
    {
        T? answer = default;
        await Eventually.Is(async () =>
        {
            var (status, body) = await TryPost(path, question);
            if (IsRefusal(status) && status != HttpStatusCode.NotFound)
            {
                throw new InvalidOperationException($"{path} was refused: {body}");
            }

            answer = status == HttpStatusCode.OK ? Parser.Parse<T>(body) : default;
            return answer is not null;
        });
        return answer!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillNine();
        }

        _http.Dispose();
    }

    private Task Signal(string name) => LocalServer.Run("kill", $"-{name}", $"{_process!.Id}");

    private static bool IsRefusal(HttpStatusCode? status) =>
        status
            is >= HttpStatusCode.BadRequest
                and < HttpStatusCode.InternalServerError
                and not HttpStatusCode.TooManyRequests;

    /// <summary>No status: nobody answered.</summary>
    private async Task<(HttpStatusCode? Status, string Body)> TryPost(string path, IMessage message)
    {
        try
        {
            using var content = new StringContent(
                Formatter.Format(message),
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")
            );
            using var response = await _http.PostAsync(path, content);
            var body = await response.Content.ReadAsStringAsync();
            await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero);
            return (response.StatusCode, body);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (null, e.Message);
        }
    }
}
