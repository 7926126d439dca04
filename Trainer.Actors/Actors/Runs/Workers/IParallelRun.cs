using Akka.Actor;

namespace RalmActors.Trainer.Actors;

/// <summary>A run with several workers, of which the trainer's own session is the first.</summary>
internal interface IParallelRun
{
    /// <summary>From the second on.</summary>
    IReadOnlyList<IActorRef> Workers { get; }

    /// <summary>Who waits for a batch, if anybody does.</summary>
    IActorRef? ReplyTo { get; }

    void Train(TrainBatch m, IActorRef replyTo);

    void Heard(IWorkerReply reply);
}

/// <summary>What a trainer hears from the workers of its runs, and from itself as one of them.</summary>
internal interface IWorkerReply : INoSerializationVerificationNeeded
{
    string RunId { get; }

    string SessionId { get; }
}

internal sealed record WorkerFailed(string RunId, string SessionId, Exception Cause) : IWorkerReply;
