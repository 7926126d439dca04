using Akka.Actor;
using Ralm.Models.Training;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

// Between a training run and the trainer of its node; never on the wire. A session is one attempt at the run: weights,
// optimiser and the open dataset in the trainer's memory. Messages of a session are handled in the order sent; those of a
// session the trainer does not hold are answered by TrainingSessionFailed.

/// <summary>What the trainer hears from a run.</summary>
public interface ITrainingSessionCommand : INoSerializationVerificationNeeded
{
    string RunId { get; }

    /// <summary>Made by the run, new at each attempt: late answers of an older attempt are recognised by it.</summary>
    string SessionId { get; }
}

/// <summary>What a run hears from the trainer.</summary>
public interface ITrainingSessionReply : ITrainerReply
{
    string RunId { get; }
}

/// <summary>
/// Opens the dataset and loads the weights; waits for a place where all are taken, those started first before the others.
/// Replaces any session of the same run.
/// </summary>
/// <param name="Checkpoint">The last epoch's; <c>null</c> for first weights.</param>
public sealed record OpenTrainingSession(string RunId, string SessionId, TrainingStarted Run, ArtifactRef? Checkpoint)
    : ITrainingSessionCommand;

/// <summary>All places are taken; the session opens when it is this run's turn. Told again whenever the place changes.</summary>
/// <param name="Place">In the queue, from 1.</param>
public sealed record TrainingSessionWaiting(string RunId, string SessionId, int Place) : ITrainingSessionReply;

/// <param name="RepresentationEpochs">The first epochs, which go over the known responses instead of the rows.</param>
public sealed record TrainingSessionOpened(
    string RunId,
    string SessionId,
    int TrainRows,
    int RepresentationEpochs = 0,
    int RepresentationRows = 0
) : ITrainingSessionReply;

/// <summary>Where the workers of a run on several nodes are.</summary>
/// <param name="Nodes">host:port, worker by worker.</param>
public sealed record WorkersPlaced(string RunId, string SessionId, IReadOnlyList<string> Nodes) : ITrainingSessionReply;

/// <summary>One optimiser step over these rows of the training part: numbers, not tensors.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Batch">From 0. With the epoch it seeds the dropout.</param>
public sealed record TrainBatch(string RunId, string SessionId, int Epoch, int Batch, int[] Rows)
    : ITrainingSessionCommand;

/// <param name="LearningRate">The step was taken with.</param>
/// <param name="GradientNorm">Before it was clipped.</param>
public sealed record BatchTrained(
    string RunId,
    string SessionId,
    int Epoch,
    int Batch,
    int Rows,
    double Loss,
    double LearningRate = 0,
    double GradientNorm = 0
) : ITrainingSessionReply
{
    internal static BatchTrained By(TrainBatch m, TrainedStep step) =>
        new(m.RunId, m.SessionId, m.Epoch, m.Batch, m.Rows.Length, step.Loss, step.LearningRate, step.GradientNorm);
}

/// <summary>Scores the validation rows and writes a checkpoint.</summary>
public sealed record FinishEpoch(string RunId, string SessionId, int Epoch, double TrainLoss) : ITrainingSessionCommand;

public sealed record EpochFinished(string RunId, string SessionId, EpochResult Result) : ITrainingSessionReply;

/// <summary>
/// Judges a version on the test rows and stores the evaluation. Needs no open session and takes the place of one.
/// </summary>
/// <param name="Epochs">The learning curve; empty where no run trained the version.</param>
public sealed record EvaluateVersion(
    string RunId,
    string SessionId,
    JudgedVersion Version,
    ArtifactRef Artifact,
    IReadOnlyList<LearningPoint> Epochs
) : ITrainingSessionCommand;

/// <summary>Which version is judged, and on what.</summary>
public sealed record JudgedVersion(string Family, string VersionId, string DatasetPath, string DatasetHash);

public sealed record EvaluationWritten(
    string RunId,
    string SessionId,
    EvaluationRef Evaluation,
    IReadOnlyList<Metric> Metrics,
    string Reason
) : ITrainingSessionReply;

/// <summary>Frees the session's memory. Not answered.</summary>
public sealed record CloseTrainingSession(string RunId, string SessionId) : ITrainingSessionCommand;

/// <param name="Final">Another attempt would end the same way: a wrong dataset, a refused artefact, diverged weights.</param>
public sealed record TrainingSessionFailed(string RunId, string SessionId, string Reason, bool Final)
    : ITrainingSessionReply;
