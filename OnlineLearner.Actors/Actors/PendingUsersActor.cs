using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using RalmActors.OnlineLearner.Hosting;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>The shell of one bucket: writes once for all that came in meanwhile, and wakes its users again and again.</summary>
public sealed class PendingUsersActor : EntityActor<PendingUsersState>
{
    private readonly OnlineLearnerOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly List<(ICommand Command, IActorRef ReplyTo)> _incoming = [];

    public PendingUsersActor(
        string bucketId,
        OnlineLearnerOptions options,
        TimeProvider clock,
        IReadOnlyActorRegistry registry
    )
        : base(RegionNames.PendingUsers, bucketId, options.Entity, clock)
    {
        _options = options;
        _registry = registry;
    }

    protected override void OnReady() =>
        Timers.Every(nameof(WakeUsers), _options.WakeEvery, WakeUsers, first: TimeSpan.Zero);

    protected override bool IsBusy => _incoming.Count > 0;

    protected override bool Intercept(ICommand command)
    {
        if (PendingUsersState.Check(command) is not null)
        {
            return false;
        }

        _incoming.Add((command, Sender));
        if (_incoming.Count == 1)
        {
            // Behind all that is in the mailbox already.
            Self.Tell(Write.Instance);
        }

        return true;
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Write:
                WriteIncoming();
                return true;
            default:
                return false;
        }
    }

    private void WriteIncoming()
    {
        var written = _incoming.ToArray();
        _incoming.Clear();
        Commit(
            State.Decide(written.Select(w => w.Command)),
            written[0].Command.Header,
            _ =>
            {
                foreach (var (command, replyTo) in written)
                {
                    if (command is RegisterForWake)
                    {
                        replyTo.Tell(
                            new CommandReply
                            {
                                CommandId = command.Header.CommandId,
                                Outcome = CommandOutcome.Accepted,
                                SequenceNr = LastSequenceNr,
                            }
                        );
                    }
                }
            }
        );
    }

    private void WakeUsers()
    {
        if (!_registry.TryGet<UserRegion>(out var users))
        {
            return;
        }

        foreach (var (userId, ticket) in State.Tickets)
        {
            users.Tell(new WakeUser { UserId = userId, RegistrationId = ticket }, Self);
        }
    }

    private sealed class Write : INoSerializationVerificationNeeded
    {
        public static readonly Write Instance = new();
    }
}
