using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>A user region that answers by the user's name: what the endpoints do with each kind of answer shows there.</summary>
public sealed class EchoRegion : ReceiveActor
{
    private readonly List<(IActorRef Sender, string CommandId)> _held = [];

    public EchoRegion()
    {
        Receive<RecordInteraction>(c => c.UserId == "held", c => _held.Add((Sender, c.Header.CommandId)));
        Receive<RecordInteraction>(c => Sender.Tell(Answer(c.UserId, c.Header.CommandId)));
        Receive<HowManyHeld>(_ => Sender.Tell(_held.Count));
        Receive<LetGo>(_ => _held.ForEach(h => h.Sender.Tell(Answer("held", h.CommandId))));
        Receive<UpdateProfile>(c => Sender.Tell(Answer(c.UserId, c.Header.CommandId)));
        Receive<GetUser>(q =>
            Sender.Tell(
                q.UserId == "nobody"
                    ? new NotFoundReply { Region = "user", EntityId = q.UserId }
                    : new UserReply { UserId = q.UserId, SamplesAccepted = 7 }
            )
        );
    }

    /// <summary>Interactions of the user "held" that have no answer yet.</summary>
    public sealed record HowManyHeld;

    /// <summary>Answers them.</summary>
    public sealed record LetGo;

    private static object Answer(string user, string commandId) =>
        user switch
        {
            "silent" => new object(),
            "conflict" => Rejected(commandId, RejectionCode.Conflict),
            "overloaded" => Rejected(commandId, RejectionCode.Overloaded),
            "unavailable" => new CommandReply { CommandId = commandId, Outcome = CommandOutcome.Unavailable },
            _ => new CommandReply
            {
                CommandId = commandId,
                Outcome = CommandOutcome.Accepted,
                SequenceNr = 3,
            },
        };

    private static CommandReply Rejected(string commandId, RejectionCode code) =>
        new()
        {
            CommandId = commandId,
            Outcome = CommandOutcome.Rejected,
            Rejection = new Rejection
            {
                Code = code,
                Field = "label",
                Value = "2",
                Rule = "must be 0 to 1",
            },
        };
}
