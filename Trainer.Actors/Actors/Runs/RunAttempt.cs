using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// One attempt at a run: a session of the trainer, the epoch under way, and a bounded number of batches in flight. It may
/// be given up at any moment; the next attempt trains the epoch anew and gets the same weights.
/// </summary>
internal sealed class RunAttempt(string runId, TrainerSession session, int batchesInFlight, TimeProvider clock)
{
    private const int BatchesPerWorker = 6;

    private TrainingSessionOpened? _opened;
    private int _epochRows;
    private int _batchSize = 1;
    private TrainingConfig _config = new();
    private int _epoch;
    private RowPermutation _order = new(0, 0);
    private int _sent;
    private int _trained;
    private long _rows;
    private double _lossSum;
    private BatchTrained? _last;
    private long _epochBegan;
    private int _queuePlace;
    private IReadOnlyList<string> _nodes = [];

    private int Batches => (_epochRows + _batchSize - 1) / _batchSize;

    /// <summary>Where each worker takes whole batches, none of them waits for the next one, also on another node.</summary>
    private int InFlight =>
        _config.AverageEvery > 0 ? Math.Max(batchesInFlight, BatchesPerWorker * _config.Workers) : batchesInFlight;

    public bool Owns(ITrainingSessionReply reply) => session.Owns(reply);

    public void Begin(TrainingRunState state)
    {
        End();
        session.Open();
        _config = state.Started!.Config;
        (_sent, _trained, _rows, _lossSum, _last, _nodes) = (0, 0, 0, 0, null, []);
        AskAgain(state);
    }

    /// <summary>All places at the trainer are taken.</summary>
    public bool IsWaiting => _queuePlace > 0;

    public void Waiting(TrainingSessionWaiting waiting)
    {
        _queuePlace = waiting.Place;
        session.Watch();
    }

    public void Placed(WorkersPlaced placed) => _nodes = placed.Nodes;

    /// <summary>The trainer may have started anew and lost its queue; one that has not keeps the place.</summary>
    public void AskAgain(TrainingRunState state)
    {
        session.Tell(new OpenTrainingSession(runId, session.Id!, state.Started!, state.LastCheckpoint));
        session.Watch();
    }

    public void Opened(TrainingSessionOpened opened, TrainingRunState state)
    {
        _opened = opened;
        _batchSize = BatchSizes.Of(_config.BatchSize, opened.TrainRows);
        _queuePlace = 0;
        StartEpoch(state);
    }

    public void StartEpoch(TrainingRunState state)
    {
        _epoch = state.EpochsDone + 1;
        _epochRows = _epoch <= _opened!.RepresentationEpochs ? _opened.RepresentationRows : _opened.TrainRows;
        _order = new RowPermutation(_epochRows, RandomStream.ForEpoch(_config.RandomSeed, _epoch));
        (_sent, _trained, _rows, _lossSum) = (0, 0, 0, 0);
        _epochBegan = clock.GetTimestamp();
        session.Watch();
        Send();
    }

    /// <summary>Batches come back in the order sent.</summary>
    public void Trained(BatchTrained reply)
    {
        _last = reply;
        _trained++;
        _rows += reply.Rows;
        _lossSum += reply.Loss * reply.Rows;
        session.Watch();
        if (_trained < Batches)
        {
            Send();
            return;
        }

        session.Tell(new FinishEpoch(runId, session.Id!, _epoch, _lossSum / _rows));
    }

    public Progress Progress(TrainingRunState state)
    {
        var pace = _rows == 0 ? 0 : _rows / clock.GetElapsedTime(_epochBegan).TotalSeconds;
        return new()
        {
            Epoch = Math.Max(_epoch, state.EpochsDone),
            Batch = _trained,
            BatchesPerEpoch = Batches,
            TrainLoss = _rows == 0 ? 0 : _lossSum / _rows,
            QueuePlace = _queuePlace,
            BatchLoss = _last?.Loss ?? 0,
            LearningRate = _last?.LearningRate ?? 0,
            GradientNorm = _last?.GradientNorm ?? 0,
            ExamplesPerSecond = double.IsFinite(pace) ? pace : 0,
            SecondsLeft = pace > 0 && double.IsFinite(pace) ? RowsLeft() / pace : 0,
            Workers = { _nodes },
        };
    }

    /// <summary>Until the last epoch: those of this one, of what is left of its phase, and of the phase after it.</summary>
    private double RowsLeft()
    {
        var (first, all) = (_opened!.RepresentationEpochs, _opened.RepresentationEpochs + _config.MaxEpochs);
        var ofRepresentation = Math.Max(0, first - _epoch);
        var ofRanking = all - Math.Max(first, _epoch);
        return _epochRows
            - _rows
            + ((double)ofRepresentation * _opened.RepresentationRows)
            + ((double)ofRanking * _opened.TrainRows);
    }

    public void End()
    {
        session.Close();
        _queuePlace = 0;
    }

    /// <summary>Given up, until the next one.</summary>
    public void EndUntil(TimeSpan pause, Action tryAgain)
    {
        session.CloseUntil(pause, tryAgain);
        _queuePlace = 0;
    }

    private void Send()
    {
        for (; _sent < Batches && _sent - _trained < InFlight; _sent++)
        {
            session.Tell(new TrainBatch(runId, session.Id!, _epoch, _sent, _order.Batch(_sent, _batchSize)));
        }
    }
}
