using System.Numerics.Tensors;
using Akka.Actor;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// A run whose mini-batches are shared among workers, of which the trainer's own session is the first. The gradients are
/// added up in the order of the shares, whichever comes first, and every copy of the weights takes the same step: the
/// weights follow from seed and number of workers, not from timing.
/// </summary>
/// <param name="workers">Of the shares from 1 on.</param>
internal sealed class GradientAllReduce(TrainingSession own, IReadOnlyList<IActorRef> workers) : IParallelRun
{
    private readonly Queue<(TrainBatch Batch, IActorRef ReplyTo)> _waiting = new();
    private readonly ShareComputed?[] _shares = new ShareComputed?[workers.Count + 1];
    private readonly float[] _gradient = new float[own.Parameters];
    private readonly float[] _sum = new float[own.Parameters];
    private (TrainBatch Batch, IActorRef ReplyTo)? _current;

    public IReadOnlyList<IActorRef> Workers => workers;

    public IActorRef? ReplyTo => _current?.ReplyTo;

    private int Shares => workers.Count + 1;

    public void Train(TrainBatch m, IActorRef replyTo)
    {
        _waiting.Enqueue((m, replyTo));
        if (_current is null)
        {
            ShareOut();
            ComputeOwn();
        }
    }

    public void Heard(IWorkerReply reply)
    {
        var share = (ShareComputed)reply;
        _shares[share.Share] = share;
        if (_current is not { } current || _shares.Contains(null))
        {
            return;
        }

        var m = current.Batch;
        var (sum, loss) = AddUp(m);
        Array.Clear(_shares);
        Tell(_ => new TakeStep(m.Epoch, m.Batch, sum));
        // The others begin the next batch while this thread takes its step.
        ShareOut();
        var step = own.Step(m.Epoch, m.Batch, loss, sum.Span);
        current.ReplyTo.Tell(BatchTrained.By(m, step));
        ComputeOwn();
    }

    private void ShareOut()
    {
        _current = _waiting.TryDequeue(out var next) ? next : null;
        if (_current?.Batch is { } m)
        {
            Tell(share => new ComputeShare(m.Epoch, m.Batch, BatchShares.Of(m.Rows, share, Shares).ToArray()));
        }
    }

    private void ComputeOwn()
    {
        if (_current?.Batch is { } m)
        {
            var loss = own.Backward(m.Epoch, m.Batch, BatchShares.Of(m.Rows, 0, Shares), 0, Shares);
            var length = own.ReadGradient(_gradient);
            _shares[0] = new ShareComputed(m.RunId, m.SessionId, 0, loss, _gradient.AsMemory(0, length));
        }
    }

    /// <summary>Mean over the batch's rows, from the means over the shares'.</summary>
    private (ReadOnlyMemory<float> Gradient, double Loss) AddUp(TrainBatch m)
    {
        var sum = _sum.AsMemory(0, _shares[0]!.Gradient.Length);
        sum.Span.Clear();
        var loss = 0.0;
        for (var k = 0; k < Shares; k++)
        {
            var weight = BatchShares.Of(m.Rows, k, Shares).Length / (double)m.Rows.Length;
            loss += weight * _shares[k]!.Loss;
            TensorPrimitives.MultiplyAdd(_shares[k]!.Gradient.Span, (float)weight, sum.Span, sum.Span);
        }

        return (sum, loss);
    }

    private void Tell(Func<int, object> message)
    {
        for (var k = 0; k < workers.Count; k++)
        {
            workers[k].Tell(message(k + 1));
        }
    }
}
