using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RalmActors.TestSupport;

/// <summary>A server process of the tests' own: started in a folder of its own, ended by its process id.</summary>
public sealed class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Waiting.Patience;

    private readonly Process _process;
    private readonly string _folder;
    private readonly string _endSignal;

    private LocalServer(Process process, string folder, string endSignal)
    {
        _process = process;
        _folder = folder;
        _endSignal = endSignal;
    }

    /// <param name="command">The executable and its arguments.</param>
    /// <param name="folder">Deleted with the server.</param>
    /// <param name="readyLine">What the server prints once it answers.</param>
    /// <param name="endSignal">INT, TERM or QUIT: what ends it in good order.</param>
    public static async Task<LocalServer> Start(
        IReadOnlyList<string> command,
        string folder,
        string readyLine,
        string endSignal
    )
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new List<string>();
        var process = new Process { StartInfo = Quiet(command), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Look(line.Data);
        process.ErrorDataReceived += (_, line) => Look(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException(Said()));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new LocalServer(process, folder, endSignal);
        try
        {
            await ready.Task.WaitAsync(Patience);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        void Look(string? line)
        {
            lock (output)
            {
                output.Add(line ?? "");
            }

            if (line?.Contains(readyLine, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }

        string Said()
        {
            lock (output)
            {
                return $"{command[0]} ended before it was ready:\n{string.Join('\n', output)}";
            }
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task Run(params IReadOnlyList<string> command)
    {
        using var process = Process.Start(Quiet(command))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {await output}{await errors}");
        }
    }

    /// <summary>
    /// A loopback port nobody listens on now, below those that the system gives to connections: it stays free while a
    /// server is away and comes back.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one, then.
            }
        }
    }

    /// <summary>The first of the folders, then of PATH, that holds the executable; <c>null</c> when none does.</summary>
    public static string? Find(string executable, params IEnumerable<string> folders) =>
        folders
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .Select(folder => Path.Combine(folder, executable))
            .FirstOrDefault(File.Exists);

    public async ValueTask DisposeAsync()
    {
        await End();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Ends it in good order; its folder stays, for a process that goes on with it.</summary>
    public async Task End()
    {
        if (!_process.HasExited)
        {
            await Run("kill", $"-{_endSignal}", $"{_process.Id}");
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static ProcessStartInfo Quiet(IReadOnlyList<string> command) =>
        new(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
}
