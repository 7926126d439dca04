using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// What a lineage has at the trainer: journaled batches in order, a bounded number under way. A session can be given up at any
/// moment; the next one starts from the newest artefact and applies what is journaled since.
/// </summary>
internal sealed class LineageSession(string lineageId, TrainerSession session, int batchesInFlight)
{
    // A null asks for a checkpoint of all before it.
    private readonly Queue<BatchAccepted?> _waiting = new();
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
        var opened = state.Opened!;
        Tell(
            new OpenLineageSession(
                lineageId,
                id,
                state.Artifact!,
                opened.Optimizer,
                state.CheckpointBatchNr,
                opened.Reaction
            )
        );
        foreach (var batch in state.SinceCheckpoint)
        {
            Apply(batch);
        }
    }

    public void Apply(BatchAccepted batch)
    {
        if (session.Id is not null)
        {
            _waiting.Enqueue(batch);
            Send();
        }
    }

    /// <summary>Asks once for a checkpoint of everything up to <paramref name="batchNr"/>, the last batch applied.</summary>
    public void Checkpoint(long batchNr)
    {
        if (session.Id is not null && batchNr > CheckpointAskedFor)
        {
            CheckpointAskedFor = batchNr;
            _waiting.Enqueue(null);
            Send();
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

    private void Send()
    {
        while (_inFlight < batchesInFlight && _waiting.TryDequeue(out var batch))
        {
            if (batch is null)
            {
                Tell(new WriteLineageCheckpoint(lineageId, session.Id!));
            }
            else
            {
                _inFlight++;
                Tell(new ApplyBatch(lineageId, session.Id!, batch.BatchNr, batch.Samples));
            }
        }
    }

    private void Tell(ILineageSessionCommand command)
    {
        _unanswered++;
        session.Tell(command);
        session.Watch();
    }
}
