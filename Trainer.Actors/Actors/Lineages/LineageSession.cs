using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// What a lineage has at the trainer: journaled batches in order, a bounded number under way. A session can be given up at any
/// moment; the next one starts from the newest artefact and applies what is journaled since.
/// </summary>
internal sealed class LineageSession(string lineageId, TrainerSession session, int batchesInFlight)
{
    private readonly Queue<ILineageSessionCommand> _waiting = new();
    private int _inFlight;
    private int _unanswered;

    /// <summary>Batches that may be accepted now and reach the trainer at once.</summary>
    public int Credits => session.Id is null || _waiting.Count > 0 ? 0 : batchesInFlight - _inFlight;

    /// <summary>The last batch a checkpoint has been asked for.</summary>
    public long CheckpointAskedFor { get; private set; }

    public bool Owns(ILineageSessionReply reply) => session.Owns(reply);

    public void Open(LineageState state)
    {
        Close();
        var id = session.Open();
        CheckpointAskedFor = state.CheckpointBatchNr;
        Tell(
            new OpenLineageSession(
                lineageId,
                id,
                state.Artifact!,
                state.Tuning.AtCheckpoint!,
                state.CheckpointBatchNr,
                state.StartsFrom,
                state.Opened!.Base
            )
        );
        foreach (var step in state.StepsSinceCheckpoint)
        {
            Do(step);
        }
    }

    /// <summary>A batch that is accepted, or a change of the settings.</summary>
    public void Do(IEvent step)
    {
        if (session.Id is { } id)
        {
            Then(
                step is BatchAccepted batch ? new ApplyBatch(lineageId, id, batch.BatchNr, batch.Samples)
                : step is LineageTuned tuned ? new ChangeLearning(lineageId, id, tuned.Settings)
                : throw new NotSupportedException(step.GetType().Name)
            );
        }
    }

    /// <summary>Asks for the weights after all that was sent.</summary>
    /// <returns>False: there is no session.</returns>
    public bool ReadWeights()
    {
        if (session.Id is { } id)
        {
            Then(new ReadWeights(lineageId, id));
        }

        return session.Id is not null;
    }

    /// <summary>Asks once for a checkpoint of everything up to <paramref name="batchNr"/>, the last batch applied.</summary>
    public void Checkpoint(long batchNr)
    {
        if (session.Id is { } id && batchNr > CheckpointAskedFor)
        {
            CheckpointAskedFor = batchNr;
            Then(new WriteLineageCheckpoint(lineageId, id));
        }
    }

    public void Answered(ILineageSessionReply reply)
    {
        _unanswered--;
        if (reply is BatchApplied or BatchDiverged)
        {
            _inFlight--;
            Send();
        }

        if (_unanswered > 0)
        {
            session.Watch();
        }
        else
        {
            session.Rest();
        }
    }

    /// <summary>Gives the session up. What was under way is in the journal.</summary>
    public void Close()
    {
        session.Close();
        Forget();
    }

    /// <summary>Given up, until the next try.</summary>
    public void CloseUntil(TimeSpan pause, Action tryAgain)
    {
        session.CloseUntil(pause, tryAgain);
        Forget();
    }

    private void Forget()
    {
        _waiting.Clear();
        (_inFlight, _unanswered) = (0, 0);
    }

    private void Then(ILineageSessionCommand command)
    {
        _waiting.Enqueue(command);
        Send();
    }

    private void Send()
    {
        while (_waiting.TryPeek(out var next) && (next is not ApplyBatch || _inFlight < batchesInFlight))
        {
            _waiting.Dequeue();
            _inFlight += next is ApplyBatch ? 1 : 0;
            Tell(next);
        }
    }

    private void Tell(ILineageSessionCommand command)
    {
        session.Tell(command);
        if (command is not ChangeLearning)
        {
            _unanswered++;
            session.Watch();
        }
    }
}
