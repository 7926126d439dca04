using Akka.Actor;
using Ralm.Ranking.Randomness;
using RalmActors.Trainer.Actors;

namespace RalmActors.Benchmarks.Support;

/// <summary>What a training run does within an epoch, and nothing else: batches of the session "s", a few in flight.</summary>
public sealed class EpochFeeder : ReceiveActor
{
    private readonly int _inFlight;
    private readonly RowPermutation _order;
    private readonly IActorRef _trainer;
    private readonly string _run;
    private readonly int _epoch;
    private readonly int _batchSize;
    private readonly int _batches;
    private int _sent;
    private int _trained;
    private long _rows;

    public EpochFeeder(
        IActorRef trainer,
        string run,
        int epoch,
        int rows,
        int batchSize,
        TaskCompletionSource<long> done,
        int inFlight = 4
    )
    {
        (_trainer, _run, _epoch, _batchSize, _inFlight) = (trainer, run, epoch, batchSize, inFlight);
        _batches = (rows + batchSize - 1) / batchSize;
        _order = new RowPermutation(rows, RandomStream.ForEpoch(0, epoch));
        Receive<BatchTrained>(m =>
        {
            _rows += m.Rows;
            if (++_trained < _batches)
            {
                Send();
                return;
            }

            done.SetResult(_rows);
            Context.Stop(Self);
        });
        Receive<TrainingSessionFailed>(m => done.SetException(new InvalidOperationException(m.Reason)));
    }

    protected override void PreStart() => Send();

    private void Send()
    {
        for (; _sent < _batches && _sent - _trained < _inFlight; _sent++)
        {
            _trainer.Tell(new TrainBatch(_run, "s", _epoch, _sent, _order.Batch(_sent, _batchSize)));
        }
    }
}
