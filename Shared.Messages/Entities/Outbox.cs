using System.Collections.Immutable;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// How far the delivery of each owed command has come, without an actor or a clock. What is owed follows from the entity's
/// state and so from its journal; the attempts are this incarnation's: after a restart everything owed is sent again, and
/// whoever has it already answers that it is a duplicate.
/// </summary>
/// <param name="Deliveries">By key; those that are settled too, as long as the state owes them.</param>
public sealed record Outbox(ImmutableDictionary<string, Outbox.Delivery> Deliveries)
{
    public static readonly Outbox Empty = new(ImmutableDictionary.Create<string, Delivery>(StringComparer.Ordinal));

    /// <param name="Attempts">So far.</param>
    /// <param name="Header">Of the last attempt: the reply to another command says nothing of this one.</param>
    /// <param name="IsOfState">The state owes it, and says when it does no more; of what a shell owes the state says nothing.</param>
    public sealed record Delivery(
        OutgoingCommand Owed,
        int Attempts,
        CommandHeader Header,
        bool IsSettled,
        bool IsOfState
    );

    /// <summary>One that was sent more than once and is not settled; null: there is none.</summary>
    public Delivery? Silent => Deliveries.Values.FirstOrDefault(d => d is { Attempts: > 1, IsSettled: false });

    /// <summary>The state has changed: what begins, what has become due earlier, and what the state owes no more.</summary>
    /// <param name="owed">All that the state owes; keys are unique.</param>
    /// <param name="atOnce">After a restart: all of it has waited already.</param>
    public Change Owing(IEnumerable<OutgoingCommand> owed, bool atOnce = false)
    {
        var change = new Change(this, [], []);
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var command in owed)
        {
            kept.Add(command.Key);
            var due = atOnce ? command with { Wait = TimeSpan.Zero } : command;
            change = change.Then(change.Next.Begin(due, isOfState: true));
        }

        return change.Then(change.Next.End(d => d.IsOfState && !kept.Contains(d.Owed.Key)));
    }

    /// <summary>
    /// One more is owed, or one that is owed has more to say, or has become due earlier. What a shell begins is its own to end.
    /// </summary>
    public Change Begin(OutgoingCommand command) => Begin(command, isOfState: false);

    private Change Begin(OutgoingCommand command, bool isOfState)
    {
        var known = Deliveries.GetValueOrDefault(command.Key);
        var begins = known is null || (known.Attempts == 0 && command.Wait < known.Owed.Wait);
        var delivery =
            known is null ? new Delivery(command, 0, new CommandHeader(), IsSettled: false, isOfState)
            : begins ? known with { Owed = command }
            // It waits since it began.
            : known with { Owed = command with { Wait = known.Owed.Wait } };
        delivery = delivery with { IsOfState = isOfState || delivery.IsOfState };
        var next = new Outbox(Deliveries.SetItem(command.Key, delivery));
        return new Change(next, begins ? [(command.Key, command.Wait)] : [], []);
    }

    /// <summary>It is owed no more. What is owed under the same key later is another command.</summary>
    public Change End(string key) =>
        Deliveries.ContainsKey(key)
            ? new Change(new Outbox(Deliveries.Remove(key)), [], [key])
            : new Change(this, [], []);

    /// <summary>All that a shell has begun itself is owed no more.</summary>
    public Change EndOwn() => End(d => !d.IsOfState);

    private Change End(Predicate<Delivery> which) =>
        Deliveries
            .Values.Where(d => which(d))
            .Aggregate(new Change(this, [], []), (change, d) => change.Then(change.Next.End(d.Owed.Key)));

    /// <summary>The command as it is sent now.</summary>
    /// <returns>Null: it is owed no more, or settled.</returns>
    public (Outbox Next, Attempt Attempt)? Send(string key)
    {
        if (Deliveries.GetValueOrDefault(key) is not { IsSettled: false } delivery)
        {
            return null;
        }

        var command = delivery.Owed.Command();
        var sent = delivery with { Attempts = delivery.Attempts + 1, Header = command.Header };
        return (new Outbox(Deliveries.SetItem(key, sent)), new Attempt(delivery.Owed, command, sent.Attempts));
    }

    /// <summary>What a reply says of what is owed.</summary>
    /// <returns>Null: it answers none of the last attempts, or says "later"; then the repetition goes on.</returns>
    public (Outbox Next, Settlement Settled)? Hear(CommandReply reply)
    {
        if (IsForLater(reply) || reply.CommandId.Length == 0)
        {
            return null;
        }

        var answered = Deliveries.Values.FirstOrDefault(d =>
            d is { IsSettled: false, Owed.IsConfirmedByCommand: false } && d.Header.CommandId == reply.CommandId
        );
        return answered is null
            ? null
            : (
                new Outbox(Deliveries.SetItem(answered.Owed.Key, answered with { IsSettled = true })),
                new Settlement(answered.Owed.Key, answered.Header.CorrelationId, reply.Rejection)
            );
    }

    /// <summary>Nothing is decided: the same command may be taken another time.</summary>
    public static bool IsForLater(CommandReply reply) =>
        reply.Outcome is CommandOutcome.Unavailable
        || reply.Rejection?.Code is RejectionCode.Overloaded or RejectionCode.NotAvailable;

    /// <param name="Begun">To be sent, each after its wait.</param>
    /// <param name="Gone">Keys of which nothing is to be sent any more.</param>
    public sealed record Change(
        Outbox Next,
        ImmutableArray<(string Key, TimeSpan Wait)> Begun,
        ImmutableArray<string> Gone
    )
    {
        internal Change Then(Change later) => new(later.Next, Begun.AddRange(later.Begun), Gone.AddRange(later.Gone));
    }

    /// <param name="Number">From 1.</param>
    public sealed record Attempt(OutgoingCommand Owed, ICommand Command, int Number);
}
