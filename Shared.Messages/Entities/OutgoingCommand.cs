using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>A command that an entity owes to another one, because of what its journal says.</summary>
/// <param name="Key">What it is about, within its entity. What is owed under another key is another command.</param>
/// <param name="Region">Key of the region it is for.</param>
/// <param name="Command">
/// Makes it, at each attempt: with the same command id unless the state has more to say under the same key.
/// </param>
/// <param name="Wait">Before the first attempt, so that more may go with it.</param>
/// <param name="IsConfirmedByCommand">
/// The other one confirms by a command to this entity, and the state owes it until then: no reply settles it, not even a
/// refusal.
/// </param>
/// <param name="Patience">The other one may take so long to answer: the pauses between attempts are longer by it.</param>
public sealed record OutgoingCommand(
    string Key,
    Type Region,
    Func<ICommand> Command,
    TimeSpan Wait = default,
    bool IsConfirmedByCommand = false,
    TimeSpan Patience = default
);

/// <summary>What has become of a command of the outbox: it was taken, or refused for good.</summary>
/// <param name="CorrelationId">Of the command, so that what follows is found by it too.</param>
/// <param name="Refused">Null: it is in the other's journal.</param>
public sealed record Settlement(string Key, string CorrelationId, Rejection? Refused)
{
    /// <summary>Empty when it was taken.</summary>
    public string Reason => Refused is { } r ? $"{r.Field} \"{r.Value}\" {r.Rule}" : "";
}
