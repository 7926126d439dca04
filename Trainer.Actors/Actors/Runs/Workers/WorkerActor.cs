using Akka.Actor;
using Ralm.Models.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// One worker of a run: a copy of the weights and the optimiser on a thread of its own, opened by the first message. What
/// goes wrong is told to the parent.
/// </summary>
/// <param name="open">Called on the worker's own thread.</param>
internal abstract class WorkerActor(string runId, string sessionId, Func<TrainingSession> open) : ReceiveActor
{
    private TrainingSession? _session;

    protected TrainingSession Session
    {
        get
        {
            if (_session is null)
            {
                _session = open();
                OnOpened();
            }

            return _session;
        }
    }

    protected abstract void OnOpened();

    protected override void PostStop() => _session?.Dispose();

    protected void Guarded<T>(Action<T> handle) =>
        Receive<T>(m =>
        {
            try
            {
                handle(m);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Context.Parent.Tell(new WorkerFailed(runId, sessionId, e));
            }
        });
}
