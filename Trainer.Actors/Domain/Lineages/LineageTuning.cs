using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>The settings of a lineage, now and at its checkpoint: a replay from there has them change where they changed.</summary>
/// <param name="Current">Null: it has not been opened.</param>
/// <param name="Version">Of the current ones; those of the opening are 1.</param>
/// <param name="Since">Changes since the checkpoint, in order.</param>
/// <param name="Reason">Of the last change.</param>
public sealed record LineageTuning(
    LineageSettings? Current,
    long Version,
    LineageSettings? AtCheckpoint,
    ImmutableList<LineageTuned> Since,
    string Reason
)
{
    public static readonly LineageTuning None = new(null, 0, null, [], "");

    public LineageTuning With(LineageOpened e) => new(e.EffectiveSettings, 1, e.EffectiveSettings, [], "");

    public LineageTuning With(LineageTuned e) =>
        this with
        {
            Current = e.Settings,
            Version = e.Version,
            Since = Since.Add(e),
            Reason = e.Reason,
        };

    /// <summary>What was changed behind the checkpoint's batch is applied again: that changes nothing where it is in it.</summary>
    public LineageTuning Checkpointed(long batchNr) =>
        this with
        {
            AtCheckpoint = Since.LastOrDefault(t => t.BatchNr < batchNr)?.Settings ?? AtCheckpoint,
            Since = Since.RemoveAll(t => t.BatchNr < batchNr),
        };

    /// <summary>Everything starts from an earlier state, with the settings of now.</summary>
    public LineageTuning RolledBack() => this with { AtCheckpoint = Current, Since = [] };
}
