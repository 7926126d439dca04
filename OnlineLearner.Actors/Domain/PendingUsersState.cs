using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>
/// One bucket of the users that may hold samples not learned yet: those must be awake, whoever crashed. A user is
/// listed before its first such sample is accepted, so the list may name too many but never too few.
/// </summary>
/// <param name="Tickets">By user id. A newer ticket replaces an older one; only the one listed delists.</param>
public sealed record PendingUsersState(string BucketId, ImmutableSortedDictionary<string, string> Tickets)
    : IEntityState<PendingUsersState>
{
    /// <summary>Buckets there are. It is part of where a user is listed: never change it.</summary>
    public const int Buckets = 32;

    public static IEnumerable<string> BucketIds => Enumerable.Range(0, Buckets).Select(nr => nr.ToString());

    public static string BucketOf(string userId) =>
        (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(userId)) % Buckets).ToString();

    public static PendingUsersState Empty(string entityId) =>
        new(entityId, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        Check(command) is { } rejection ? Decision.Refuse(rejection) : Decide([command]);

    /// <summary>All that came in while the journal was writing, in order, as one event.</summary>
    public Decision Decide(IEnumerable<ICommand> valid)
    {
        var after = Tickets.ToBuilder();
        foreach (var command in valid)
        {
            switch (command)
            {
                case RegisterForWake c:
                    after[c.UserId] = c.Header.CommandId;
                    break;
                case DelistUser c when after.GetValueOrDefault(c.UserId) == c.RegistrationId:
                    after.Remove(c.UserId);
                    break;
            }
        }

        var changed = new PendingUsersChanged
        {
            Enlisted =
            {
                after.Except(Tickets).Select(t => new Enlistment { UserId = t.Key, RegistrationId = t.Value }),
            },
            DelistedUserIds = { Tickets.Keys.Where(userId => !after.ContainsKey(userId)) },
        };
        return changed.Enlisted.Count + changed.DelistedUserIds.Count == 0
            ? Decision.Nothing
            : Decision.Accept(changed);
    }

    public PendingUsersState Apply(IEvent e) =>
        e is PendingUsersChanged changed
            ? this with
            {
                Tickets = Tickets
                    .RemoveRange(changed.DelistedUserIds)
                    .SetItems(changed.Enlisted.Select(l => KeyValuePair.Create(l.UserId, l.RegistrationId))),
            }
            : throw new NotSupportedException(e.GetType().Name);

    /// <summary>The rejection of a command that names no user or no ticket, or <c>null</c>.</summary>
    public static Rejection? Check(ICommand command) =>
        command switch
        {
            RegisterForWake c => Ids.Check("header.command_id", c.Header?.CommandId ?? "")
                ?? Ids.Check("user_id", c.UserId),
            DelistUser c => Ids.Check("user_id", c.UserId) ?? Ids.Check("registration_id", c.RegistrationId),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is GetPendingUsers
            ? new PendingUsersReply { BucketId = BucketId, Users = Tickets.Count }
            : throw new NotSupportedException(query.GetType().Name);

    public IWireMessage ToSnapshot() =>
        new PendingUsersSnapshot
        {
            Enlisted = { Tickets.Select(t => new Enlistment { UserId = t.Key, RegistrationId = t.Value }) },
        };

    public static PendingUsersState FromSnapshot(string entityId, IWireMessage snapshot) =>
        Empty(entityId) with
        {
            Tickets = ((PendingUsersSnapshot)snapshot).Enlisted.ToImmutableSortedDictionary(
                l => l.UserId,
                l => l.RegistrationId,
                StringComparer.Ordinal
            ),
        };
}
