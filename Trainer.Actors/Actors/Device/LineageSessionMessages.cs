using Akka.Actor;
using Ralm.Models.Training;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

// Between a lineage and the trainer of its node; never on the wire. One session is one copy of the weights and the
// optimiser in the trainer's memory. Messages of a session are handled in the order sent; those of a session id that
// the trainer does not hold (an earlier incarnation, a restarted trainer) are answered by LineageSessionFailed.

/// <summary>What the trainer hears from a lineage.</summary>
public interface ILineageSessionCommand : INoSerializationVerificationNeeded
{
    string LineageId { get; }

    /// <summary>Made by the lineage, new at each opening: late answers of an older session are recognised by it.</summary>
    string SessionId { get; }
}

/// <summary>What a lineage hears from the trainer.</summary>
public interface ILineageSessionReply : ITrainerReply
{
    string LineageId { get; }
}

/// <summary>
/// Loads weights (and the optimiser's state, when the artefact is a lineage checkpoint). Replaces any session of the same
/// lineage.
/// </summary>
/// <param name="Artifact">The base version, or a checkpoint.</param>
/// <param name="Settings">As of the artefact.</param>
/// <param name="BatchNr">The next batch is the one behind this.</param>
/// <param name="From">What the artefact is to the lineage.</param>
/// <param name="Base">For checkpoints that do not remember its weights.</param>
public sealed record OpenLineageSession(
    string LineageId,
    string SessionId,
    ArtifactRef Artifact,
    LineageSettings Settings,
    long BatchNr,
    LineageStart From = LineageStart.Base,
    ArtifactRef? Base = null
) : ILineageSessionCommand;

public sealed record LineageSessionOpened(string LineageId, string SessionId) : ILineageSessionReply;

/// <summary>
/// One optimiser step over the samples, in this order; none without samples. <paramref name="BatchNr"/> follows the last one
/// by 1.
/// </summary>
public sealed record ApplyBatch(string LineageId, string SessionId, long BatchNr, IReadOnlyList<Sample> Samples)
    : ILineageSessionCommand;

/// <summary>Other settings from the next batch on. Not answered.</summary>
/// <param name="Settings">Null: they stay.</param>
/// <param name="EndsReaction">One that is under way ends without an outcome.</param>
public sealed record ChangeLearning(
    string LineageId,
    string SessionId,
    LineageSettings? Settings,
    bool EndsReaction = false
) : ILineageSessionCommand;

/// <param name="MeanLossBeforeUpdate">Mean log loss of the batch under the weights before the step (prequential).</param>
/// <param name="Learned">Samples the loss is the mean of.</param>
/// <param name="PassedOver">Samples that do not fit the model's schema.</param>
/// <param name="Noticed">The predictions have become worse; null: they have not.</param>
/// <param name="Ended">The reaction to an alarm before it; null: none has ended.</param>
/// <param name="Measured">How good the predictions were, where it is time to tell.</param>
/// <param name="Behind">They are worse than those of the version it started from.</param>
public sealed record BatchApplied(
    string LineageId,
    string SessionId,
    long BatchNr,
    double MeanLossBeforeUpdate,
    int Learned,
    int PassedOver,
    DriftNoticed? Noticed = null,
    ReactionEnded? Ended = null,
    LineageMeasured? Measured = null,
    LineageFellBehind? Behind = null
) : ILineageSessionReply;

/// <summary>Asks for what of the weights changes online, as it is after the last batch sent.</summary>
public sealed record ReadWeights(string LineageId, string SessionId) : ILineageSessionCommand;

/// <param name="BatchNr">The last batch that is in them.</param>
/// <param name="From">Place of the first among the model's numbers.</param>
public sealed record WeightsRead(
    string LineageId,
    string SessionId,
    long BatchNr,
    int From,
    ReadOnlyMemory<float> Values
) : ILineageSessionReply;

/// <summary>The batch cannot be learned. Weights and optimiser stay as before it, and the next batch may follow.</summary>
public sealed record BatchDiverged(string LineageId, string SessionId, long BatchNr, string Reason)
    : ILineageSessionReply;

/// <summary>Writes weights and optimiser state as they are after the last batch sent.</summary>
public sealed record WriteLineageCheckpoint(string LineageId, string SessionId) : ILineageSessionCommand;

/// <param name="BatchNr">The last batch that is in the artefact.</param>
public sealed record LineageCheckpointWritten(string LineageId, string SessionId, ArtifactRef Checkpoint, long BatchNr)
    : ILineageSessionReply;

/// <summary>Frees the session's memory. Not answered.</summary>
public sealed record CloseLineageSession(string LineageId, string SessionId) : ILineageSessionCommand;

/// <summary>The session is gone (unknown artefact, broken order, device error); the lineage opens a new one.</summary>
/// <param name="IsArtifactLost">The artefact it was to start from cannot be used: missing, damaged, or of another form.</param>
public sealed record LineageSessionFailed(
    string LineageId,
    string SessionId,
    string Reason,
    bool IsArtifactLost = false
) : ILineageSessionReply;
