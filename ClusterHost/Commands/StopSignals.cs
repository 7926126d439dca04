using System.Runtime.InteropServices;

namespace RalmActors.ClusterHost.Commands;

/// <summary>
/// SIGTERM and Ctrl-C from the first line of the program on. They cancel what the command does; a command that does not
/// come to an end by then is ended.
/// </summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _limit;

    private StopSignals() =>
        _registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        ];

    /// <summary>Those of this process.</summary>
    public static StopSignals OfProcess { get; } = new();

    public CancellationToken Token => _stop.Token;

    /// <summary>How long a command may take to stop: short until a node has entities to hand over.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>With what the process ends when that was not enough. A node that was to stop has stopped.</summary>
    public int CodeWhenLate { get; set; } = StartErrors.Failed;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _limit?.Dispose();
        _stop.Dispose();
    }

    /// <summary>A second signal changes nothing: the first one is being followed.</summary>
    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _limit, new Timer(_ => Environment.Exit(CodeWhenLate)), null) is null)
        {
            _limit.Change(Patience, Timeout.InfiniteTimeSpan);
            _ = _stop.CancelAsync();
        }
    }
}
