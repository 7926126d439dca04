using Akka.Actor;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// A lineage's line to the trainer of its node: journaled batches in order, a bounded number under way. A session can be
/// given up at any moment; the next one starts from the newest artefact and applies what is journaled since.
/// </summary>
internal sealed class LineageSession(string lineageId, IActorRef trainer, IActorRef self, int batchesInFlight)
{
    // A null asks for a checkpoint of all before it.
    private readonly Queue<BatchAccepted?> _waiting = new();
    private string? _id;
    private int _openings;
    private int _inFlight;
    private int _unanswered;

    /// <summary>Batches that may be accepted now and reach the trainer at once.</summary>
    public int Credits => _id is null || _waiting.Count > 0 ? 0 : batchesInFlight - _inFlight;

    /// <summary>The trainer owes an answer.</summary>
    public bool IsWaiting => _unanswered > 0;

    /// <summary>The last batch a checkpoint has been asked for.</summary>
    public long CheckpointAskedFor { get; private set; }

    public bool Owns(ILineageSessionReply reply) => reply.SessionId == _id;

    public void Open(LineageState state)
    {
        Close();
        _id = $"{self.Path.Uid}-{++_openings}";
        CheckpointAskedFor = state.CheckpointBatchNr;
        Tell(new OpenLineageSession(lineageId, _id, state.Artifact!, state.Opened!.Optimizer, state.CheckpointBatchNr));
        foreach (var batch in state.SinceCheckpoint)
        {
            Apply(batch);
        }
    }

    public void Apply(BatchAccepted batch)
    {
        if (_id is not null)
        {
            _waiting.Enqueue(batch);
            Send();
        }
    }

    /// <summary>Asks once for a checkpoint of everything up to <paramref name="batchNr"/>, the last batch applied.</summary>
    public void Checkpoint(long batchNr)
    {
        if (_id is not null && batchNr > CheckpointAskedFor)
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
    }

    /// <summary>Gives the session up. What was under way is in the journal.</summary>
    public void Close()
    {
        if (_id is not null)
        {
            trainer.Tell(new CloseLineageSession(lineageId, _id), self);
        }

        _id = null;
        _waiting.Clear();
        _inFlight = 0;
        _unanswered = 0;
    }

    private void Send()
    {
        while (_inFlight < batchesInFlight && _waiting.TryDequeue(out var batch))
        {
            if (batch is null)
            {
                Tell(new WriteLineageCheckpoint(lineageId, _id!));
            }
            else
            {
                _inFlight++;
                Tell(new ApplyBatch(lineageId, _id!, batch.BatchNr, batch.Samples));
            }
        }
    }

    private void Tell(ILineageSessionCommand command)
    {
        _unanswered++;
        trainer.Tell(command, self);
    }
}
