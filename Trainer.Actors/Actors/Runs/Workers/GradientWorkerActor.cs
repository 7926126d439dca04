using Akka.Actor;
using Ralm.Models.Training;

namespace RalmActors.Trainer.Actors;

// Between a trainer and the workers of one parallel run, on one node. They take turns strictly: a worker computes a share,
// the trainer adds the shares up, the worker takes the step. So both sides may lend their buffers instead of copying them:
// the gradient of a share is read before TakeStep is sent, and the sum before the next share is answered.

/// <param name="Rows">Of this share alone.</param>
internal sealed record ComputeShare(int Epoch, int Batch, int[] Rows) : INoSerializationVerificationNeeded;

/// <param name="Gradient">Lent until <see cref="TakeStep"/>.</param>
internal sealed record ShareComputed(
    string RunId,
    string SessionId,
    int Share,
    double Loss,
    ReadOnlyMemory<float> Gradient
) : IWorkerReply;

/// <param name="Gradient">Of the whole batch; lent until the next share is computed.</param>
internal sealed record TakeStep(int Epoch, int Batch, ReadOnlyMemory<float> Gradient)
    : INoSerializationVerificationNeeded;

/// <summary>
/// One worker of a parallel run: a copy of the weights and the optimiser on a thread of its own. All copies take the same
/// steps, so they stay equal bit for bit.
/// </summary>
internal sealed class GradientWorkerActor : WorkerActor
{
    private float[] _gradient = [];

    /// <param name="open">Called on the worker's own thread.</param>
    public GradientWorkerActor(string runId, string sessionId, int share, int shares, Func<TrainingSession> open)
        : base(runId, sessionId, open)
    {
        Guarded<ComputeShare>(m =>
        {
            var loss = Session.Backward(m.Epoch, m.Batch, m.Rows, share, shares);
            var length = Session.ReadGradient(_gradient);
            Context.Parent.Tell(new ShareComputed(runId, sessionId, share, loss, _gradient.AsMemory(0, length)));
        });
        Guarded<TakeStep>(m => Session.Step(m.Epoch, m.Batch, 0, m.Gradient.Span));
    }

    public static Props Props(OpenTrainingSession m, int share, Func<TrainingSession> open) =>
        Akka
            .Actor.Props.Create(() => new GradientWorkerActor(m.RunId, m.SessionId, share, m.Run.Config.Workers, open))
            .WithDispatcher(TrainerDispatcher.Name);

    protected override void OnOpened() => _gradient = new float[Session.Parameters];
}
