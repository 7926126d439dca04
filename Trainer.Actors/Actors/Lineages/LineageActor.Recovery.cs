using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams.Dsl;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>What a lineage does when it cannot learn: it waits, or makes a lost checkpoint anew.</summary>
public sealed partial class LineageActor
{
    private readonly IActorRef _trainer;
    private readonly Func<string, Source<IEvent, NotUsed>> _journal;
    private readonly List<(IQuery Query, IActorRef To)> _held = [];
    private bool _isHolding;
    private IActorRef? _rebuild;

    /// <summary>
    /// A lineage that has just been read does not know yet whether its files are there. Whoever asks waits for that, and
    /// not for long: who asks seldom would never hear of it otherwise.
    /// </summary>
    private void HoldQuestions()
    {
        _isHolding = true;
        Timers.StartSingleTimer(KnownEnough.Instance, KnownEnough.Instance, _options.KnownWithin);
    }

    private bool Holds(IQuery query, IActorRef to)
    {
        if (_isHolding)
        {
            _held.Add((query, to));
        }

        return _isHolding;
    }

    private void AnswerHeld()
    {
        if (_isHolding)
        {
            _isHolding = false;
            Timers.Cancel(KnownEnough.Instance);
            _held.ForEach(held => Reply(held.Query, held.To));
            _held.Clear();
        }
    }

    /// <summary>The journal has all that the checkpoint had.</summary>
    private void Rebuild(string reason)
    {
        _session.Close();
        Timers.Cancel(Reopen.Instance);
        Meet($"the checkpoint of batch {State.CheckpointBatchNr} is lost and is made anew from the journal: {reason}");
        EndRebuild();
        var (state, trainer, journal, silence) = (State, _trainer, _journal(PersistenceId), _options.TrainerSilence);
        _rebuild = Context.ActorOf(Props.Create(() => new LineageRebuildActor(state, trainer, journal, silence)));
    }

    private void OnRebuild(object message)
    {
        switch (message)
        {
            case LineageRebuilt rebuilt when Sender.Equals(_rebuild):
                OnRebuilt(rebuilt.Checkpoint);
                break;
            case LineageNotRebuilt not when Sender.Equals(_rebuild):
                StandStill(
                    $"the checkpoint of batch {State.CheckpointBatchNr} is lost and cannot be made anew: {not.Reason}"
                );
                break;
        }
    }

    private void OnRebuilt(ArtifactRef checkpoint)
    {
        Log.Info("{0}: the checkpoint of batch {1} is there again", PersistenceId, State.CheckpointBatchNr);
        if (State.Remade(checkpoint) is { } remade)
        {
            Commit(remade, new CommandHeader { CommandId = $"remade:{checkpoint.Hash[..32]}" }, _ => OpenSession());
        }
        else
        {
            OpenSession();
            Publish();
        }
    }

    private void EndRebuild()
    {
        if (_rebuild is not null)
        {
            Context.Stop(_rebuild);
            _rebuild = null;
        }
    }

    /// <summary>Until the next try.</summary>
    private void StandStill(string problem)
    {
        Meet(problem);
        _session.Close();
        Timers.StartSingleTimer(Reopen.Instance, Reopen.Instance, _trouble.NextPause());
    }

    private void Meet(string problem)
    {
        if (_trouble.Meet(problem))
        {
            Log.Error("{0}: {1}", PersistenceId, problem);
        }
    }

    private sealed class KnownEnough : INoSerializationVerificationNeeded
    {
        public static readonly KnownEnough Instance = new();
    }
}
