using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>What a state decided about a command: events to journal, or a refusal; and what to answer.</summary>
/// <param name="Events">Empty when the command is refused, or when it is accepted but changes nothing.</param>
/// <param name="Rejection">Set exactly when the command is refused.</param>
/// <param name="Reply">The answer once the events are journaled; <c>null</c> means a <see cref="CommandReply"/>.</param>
/// <param name="Note">What the sender is told besides, in that <see cref="CommandReply"/>.</param>
public sealed record Decision(
    ImmutableArray<IEvent> Events,
    Rejection? Rejection = null,
    IWireMessage? Reply = null,
    CommandNote Note = CommandNote.Unspecified
)
{
    /// <summary>Names of what was not taken with the rest; the sender is told, once.</summary>
    public ImmutableArray<string> PassedOver { get; init; } = [];

    /// <summary>Accepted, and there is nothing to write: the state already is what was asked for.</summary>
    public static readonly Decision Nothing = new([]);

    public static Decision Accept(params ReadOnlySpan<IEvent> events) => new([.. events]);

    public static Decision Refuse(Rejection rejection) => new([], rejection);

    public static Decision Reject(RejectionCode code, string field, string value, string rule) =>
        Refuse(Rejections.Of(code, field, value, rule));

    public static Decision Invalid(string field, object? value, string rule) =>
        Refuse(Rejections.Invalid(field, value, rule));

    public static Decision Conflict(string field, object? value, string rule) =>
        Refuse(Rejections.Conflict(field, value, rule));

    public static Decision NotFound(string field, object? value, string rule) =>
        Refuse(Rejections.NotFound(field, value, rule));

    public static Decision NotAvailable(string field, object? value, string rule) =>
        Refuse(Rejections.NotAvailable(field, value, rule));

    /// <summary>Accepted before: told again.</summary>
    public static Decision Duplicate(
        CommandHeader header,
        long sequenceNr,
        CommandNote note = CommandNote.Unspecified
    ) =>
        Nothing.Replying(
            new CommandReply
            {
                CommandId = header.CommandId,
                Outcome = CommandOutcome.Duplicate,
                SequenceNr = sequenceNr,
                Note = note,
            }
        );

    /// <summary>The id was accepted before, for another command.</summary>
    public static Decision OtherCommand(ICommand command, CommandDigest digest, CommandDigest before)
    {
        string[] differing = [.. digest.Differing(before, command)];
        var how =
            digest.IsOfAnotherType(before) ? "as another command"
            : differing.Length == 0 ? "with another body"
            : $"with another body: {string.Join(", ", differing)} differ{(differing.Length == 1 ? "s" : "")}";
        return Conflict("header.command_id", command.Header.CommandId, $"was accepted before {how}");
    }

    public Decision Replying(IWireMessage reply) => this with { Reply = reply };

    public Decision Noting(CommandNote note) => this with { Note = note };

    public bool IsRejected => Rejection is not null;

    /// <summary>Writes into each event who caused it and when. Decisions stay free of headers.</summary>
    /// <param name="command">What the cause was, if it is to be remembered.</param>
    public Decision Stamp(CommandHeader cause, DateTimeOffset now, CommandDigest? command = null)
    {
        foreach (var e in Events)
        {
            e.Header = new EventHeader
            {
                CorrelationId = cause.CorrelationId.Length > 0 ? cause.CorrelationId : cause.CommandId,
                CausationId = cause.CommandId,
                At = Timestamp.FromDateTimeOffset(now),
                Idempotent = command is null,
                Author = cause.Author,
                Note = Note,
                Command = command,
            };
        }

        return this;
    }
}
