namespace RalmActors.Messages.Entities;

/// <summary>What has come of a question to an entity: one of four, told apart by type.</summary>
public abstract record Answer<T>
    where T : class
{
    private Answer() { }

    /// <summary>The reply, or <c>null</c> where there is no such entity.</summary>
    /// <exception cref="UnansweredException">It was refused, or nobody could say.</exception>
    public T? ReplyOrNone =>
        this switch
        {
            Given given => given.Reply,
            NotFound => null,
            _ => throw new UnansweredException(ToString()),
        };

    /// <summary>The reply.</summary>
    /// <exception cref="UnansweredException">There is none, for any reason.</exception>
    public T ReplyOrThrow => ReplyOrNone ?? throw new UnansweredException(ToString());

    /// <summary>In words, for a log: a record's own would ask for a reply that there may not be.</summary>
    public sealed override string ToString() =>
        this switch
        {
            Given given => $"{given.Reply}",
            NotFound { Missing: var missing } => $"{missing.EntityId} does not exist",
            Refused { Rejection: var r } => $"refused: {r.Field} {r.Value} {r.Rule}",
            Unavailable unavailable => unavailable.Why,
            _ => throw new InvalidOperationException($"{GetType().Name} is not an answer"),
        };

    /// <summary>The reply that was asked for; a command that was taken before counts.</summary>
    public sealed record Given(T Reply) : Answer<T>;

    /// <summary>For good: the same question gets the same answer.</summary>
    public sealed record Refused(Rejection Rejection) : Answer<T>;

    /// <summary>The entity has no history.</summary>
    public sealed record NotFound(NotFoundReply Missing) : Answer<T>;

    /// <summary>Nobody can say now; whether a command is in the journal is not known. Ask again.</summary>
    /// <param name="Unreadable">Set when the entity's journal cannot be read.</param>
    public sealed record Unavailable(string Why, UnreadableEntity? Unreadable = null) : Answer<T>;
}

/// <summary>There is no reply to go on with, and why.</summary>
public sealed class UnansweredException(string message) : Exception(message);
