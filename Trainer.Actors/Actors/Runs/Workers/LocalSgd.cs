using System.Numerics.Tensors;
using Akka.Actor;
using Ralm.Models.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// A run whose workers train whole mini-batches in turn, each on its own copy. At the end of every round weights and
/// optimiser are averaged, weighted by rows (McMahan et al. 2017), in the order of the workers: what comes of it follows from
/// seed, number of workers and length of a round, not from timing. Batches are answered in the order of their numbers; the
/// last one of a round once all copies are equal.
/// </summary>
/// <param name="workers">From the second on.</param>
/// <param name="places">Of all workers; those that are not known yet are <c>null</c>.</param>
/// <param name="trainer">Hears <see cref="LocalTurn"/>, so that other runs have turns between this worker's batches.</param>
internal sealed class LocalSgd(
    TrainingSession own,
    AveragingRounds rounds,
    IReadOnlyList<IActorRef> workers,
    Address?[] places,
    IActorRef trainer,
    IActorRef run
) : IParallelRun
{
    private readonly Queue<TrainBatch> _ownBatches = new();
    private readonly Queue<TrainBatch> _nextRound = new();
    private readonly Dictionary<int, BatchTrained> _trained = [];
    private readonly TrainedState?[] _states = new TrainedState?[workers.Count + 1];
    private readonly long[] _rows = new long[workers.Count + 1];
    private readonly float[] _state = new float[own.StateLength];
    private readonly float[] _average = new float[own.StateLength];
    private int _answered;
    private int? _last;
    private bool _asked;

    public IReadOnlyList<IActorRef> Workers => workers;

    public IActorRef? ReplyTo { get; private set; } = run;

    /// <summary>Workers on other nodes have no checkpoint of their own.</summary>
    public void Begin()
    {
        var state = new float[own.StateLength];
        TellAll(new InstallState(own.ReadState(state, whole: true)));
    }

    public void Train(TrainBatch m, IActorRef replyTo)
    {
        ReplyTo = replyTo;
        if (_last is null)
        {
            HandOut(m);
        }
        else
        {
            _nextRound.Enqueue(m);
        }
    }

    public void Heard(IWorkerReply reply)
    {
        switch (reply)
        {
            case LocalTurn turn:
                _asked = false;
                TakeTurn(turn);
                break;
            case LocalBatchTrained trained:
                _trained[trained.Reply.Batch] = trained.Reply;
                Answer();
                break;
            case StateHandedIn state:
                _states[state.Worker] = state.State;
                break;
            case WorkerPlaced placed:
                places[placed.Worker] = placed.Node;
                TellPlaces(placed.RunId, placed.SessionId);
                break;
        }

        if (_last is not null && !_states.Contains(null))
        {
            Average();
        }
    }

    private void HandOut(TrainBatch m)
    {
        var worker = rounds.WorkerOf(m.Batch);
        _rows[worker] += m.Rows.Length;
        _answered = m.Batch == 0 ? 0 : _answered;
        if (worker == 0)
        {
            _ownBatches.Enqueue(m);
            AskForTurn(m.RunId, m.SessionId);
        }
        else
        {
            workers[worker - 1].Tell(new TrainOwn(m.Epoch, m.Batch, m.Rows));
        }

        if (rounds.EndsAfter(m.Batch, own.BatchesOf(m.Epoch)))
        {
            _last = m.Batch;
            AskForTurn(m.RunId, m.SessionId);
            TellAll(CollectState.Instance);
        }
    }

    /// <summary>One batch; or, when none is left of the round, this copy's state.</summary>
    private void TakeTurn(LocalTurn turn)
    {
        if (_ownBatches.TryDequeue(out var m))
        {
            _trained[m.Batch] = BatchTrained.By(m, own.Train(m.Epoch, m.Batch, m.Rows));
            Answer();
            if (_ownBatches.Count > 0 || _last is not null)
            {
                AskForTurn(turn.RunId, turn.SessionId);
            }
        }
        else if (_last is not null)
        {
            _states[0] = own.ReadState(_state);
        }
    }

    /// <summary>One at a time: what workers say in the meantime is heard first, or they would wait for batches.</summary>
    private void AskForTurn(string runId, string sessionId)
    {
        if (!_asked)
        {
            _asked = true;
            trainer.Tell(new LocalTurn(runId, sessionId));
        }
    }

    private void Average()
    {
        var all = (double)_rows.Sum();
        var average = _average.AsMemory(0, _states[0]!.Values.Length);
        average.Span.Clear();
        var steps = 0L;
        for (var k = 0; k < _states.Length; k++)
        {
            // An epoch of few batches leaves some without one.
            if (_rows[k] > 0)
            {
                var weight = (float)(_rows[k] / all);
                TensorPrimitives.MultiplyAdd(_states[k]!.Values.Span, weight, average.Span, average.Span);
                steps = Math.Max(steps, _states[k]!.Steps);
            }
        }

        var state = new TrainedState(_states[0]!.From, average, steps);
        TellAll(new InstallState(state));
        own.WriteState(state);
        Array.Clear(_states);
        Array.Clear(_rows);
        _last = null;
        Answer();
        while (_last is null && _nextRound.TryDequeue(out var m))
        {
            HandOut(m);
        }
    }

    private void Answer()
    {
        while (_answered != _last && _trained.Remove(_answered, out var next))
        {
            _answered++;
            ReplyTo!.Tell(next);
        }
    }

    private void TellPlaces(string runId, string sessionId)
    {
        if (!places.Contains(null))
        {
            ReplyTo!.Tell(new WorkersPlaced(runId, sessionId, [.. places.Select(p => TrainerNodes.Name(p!))]));
        }
    }

    private void TellAll(object message)
    {
        foreach (var worker in workers)
        {
            worker.Tell(message);
        }
    }
}

/// <summary>The trainer's own turn as a worker.</summary>
internal sealed record LocalTurn(string RunId, string SessionId) : IWorkerReply;
