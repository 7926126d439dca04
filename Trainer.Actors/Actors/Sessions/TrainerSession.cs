using Akka.Actor;
using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>What the trainer says in a session.</summary>
public interface ITrainerReply : INoSerializationVerificationNeeded
{
    string SessionId { get; }
}

/// <summary>
/// The line of a run, an evaluation or a lineage to the trainer of its node. There is one session at a time, and its id is new
/// at each opening: late answers of an earlier one are known by it. It may be given up at any moment, for what matters is in
/// the journal; the next one takes it up from there.
/// </summary>
/// <param name="owner">Has the timers; its own methods are called in its own turn.</param>
/// <param name="trainer">On this node.</param>
/// <param name="silence">Of the trainer, after which <paramref name="onSilence"/> is called.</param>
/// <param name="close">What frees the trainer's memory of the session with this id.</param>
internal sealed class TrainerSession(
    IWithTimers owner,
    IActorRef self,
    IActorRef trainer,
    TimeSpan silence,
    Action onSilence,
    Func<string, object> close
)
{
    private const string Silence = "trainer-silence";
    private const string Again = "trainer-again";

    private int _openings;

    /// <summary>Null: there is no session.</summary>
    public string? Id { get; private set; }

    public bool Owns(ITrainerReply reply) => reply.SessionId == Id;

    /// <summary>The one before is given up.</summary>
    public string Open()
    {
        Close();
        Id = $"{self.Path.Uid}-{++_openings}";
        return Id;
    }

    public void Tell(object command) => trainer.Tell(command, self);

    /// <summary>The trainer owes an answer from now on.</summary>
    public void Watch() => owner.Timers.After(Silence, silence, onSilence);

    /// <summary>It owes none.</summary>
    public void Rest() => owner.Timers.Cancel(Silence);

    public void Close()
    {
        if (Id is not null)
        {
            Tell(close(Id));
        }

        Id = null;
        owner.Timers.Cancel(Silence);
        owner.Timers.Cancel(Again);
    }

    /// <summary>Given up, until the next try.</summary>
    public void CloseUntil(TimeSpan pause, Action tryAgain)
    {
        Close();
        owner.Timers.After(Again, pause, tryAgain);
    }
}
