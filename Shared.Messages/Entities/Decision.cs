using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;

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
    /// <summary>Accepted, and there is nothing to write: the state already is what was asked for.</summary>
    public static readonly Decision Nothing = new([]);

    public static Decision Accept(params ReadOnlySpan<IEvent> events) => new([.. events]);

    public static Decision Reject(RejectionCode code, string field, string value, string rule) =>
        new(
            [],
            new Rejection
            {
                Code = code,
                Field = field,
                Value = value,
                Rule = rule,
            }
        );

    public static Decision Invalid(string field, object? value, string rule) =>
        Reject(RejectionCode.Invalid, field, Text(value), rule);

    public static Decision Conflict(string field, object? value, string rule) =>
        Reject(RejectionCode.Conflict, field, Text(value), rule);

    public static Decision NotFound(string field, object? value, string rule) =>
        Reject(RejectionCode.NotFound, field, Text(value), rule);

    public static Decision NotAvailable(string field, object? value, string rule) =>
        Reject(RejectionCode.NotAvailable, field, Text(value), rule);

    public Decision Replying(IWireMessage reply) => this with { Reply = reply };

    public Decision Noting(CommandNote note) => this with { Note = note };

    public bool IsRejected => Rejection is not null;

    /// <summary>Writes into each event who caused it and when. Decisions stay free of headers.</summary>
    /// <param name="idempotent">The cause is an <see cref="IIdempotentCommand"/>.</param>
    public Decision Stamp(CommandHeader cause, DateTimeOffset now, bool idempotent = false)
    {
        foreach (var e in Events)
        {
            e.Header = new EventHeader
            {
                CorrelationId = cause.CorrelationId.Length > 0 ? cause.CorrelationId : cause.CommandId,
                CausationId = cause.CommandId,
                At = Timestamp.FromDateTimeOffset(now),
                Idempotent = idempotent,
                Author = cause.Author,
                Note = Note,
            };
        }

        return this;
    }

    private static string Text(object? value) => value?.ToString() ?? "";
}
