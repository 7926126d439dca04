using System.Diagnostics;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// Where a command stands within its entity, for whoever listens to the <see cref="DiagnosticListener"/> of this name; the value
/// is the command's <see cref="CommandHeader"/>. Nothing is paid while nobody listens.
/// </summary>
public static class CommandStages
{
    public const string Listener = "RalmActors.Entities";

    /// <summary>The entity has taken it from its mailbox.</summary>
    public const string Received = "command.received";

    /// <summary>Its events are with the journal.</summary>
    public const string Decided = "command.decided";

    /// <summary>They are on the disk.</summary>
    public const string Journaled = "command.journaled";

    private static readonly DiagnosticListener Source = new(Listener);

    internal static void Reached(string stage, CommandHeader? header)
    {
        if (Source.IsEnabled(stage))
        {
            Source.Write(stage, header);
        }
    }
}
