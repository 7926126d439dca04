using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Notifying;

/// <summary>One way to people.</summary>
public interface INotifyChannel : IAsyncDisposable
{
    /// <summary>As <see cref="TellAlert.Channel"/> has it.</summary>
    string Name { get; }

    /// <summary>How many may be on their way at once.</summary>
    int InFlight { get; }

    /// <returns>Null: it has been taken; else why not, in a line without addresses and secrets.</returns>
    Task<string?> Tell(TellAlert told);
}
