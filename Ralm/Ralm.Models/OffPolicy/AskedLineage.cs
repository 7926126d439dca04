using RalmActors.Messages.Training;

namespace Ralm.Models.OffPolicy;

/// <summary>How a lineage is to learn its journal.</summary>
/// <param name="Base">The version it starts from.</param>
/// <param name="Settings">At its opening; every field of it set.</param>
/// <param name="AreItsOwn">They change where the journal says so; false: they are others, and stay.</param>
/// <param name="FillsItsBatches">Samples are put together anew, as many as the settings have; false: batches are those of the journal.</param>
/// <param name="ServesCheckpoints">It is of a release that served no more than checkpoints; false: each batch's weights are served.</param>
public sealed record AskedLineage(
    ArtifactRef Base,
    LineageSettings Settings,
    bool AreItsOwn = true,
    bool FillsItsBatches = false,
    bool ServesCheckpoints = false
)
{
    /// <summary>As it was.</summary>
    public static AskedLineage Of(LineageOpened opened) =>
        new(opened.Base, opened.EffectiveSettings, ServesCheckpoints: opened.Settings is null);
}
