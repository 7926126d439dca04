namespace Ralm.Models.Training;

/// <summary>What an artefact is to a lineage that begins with it.</summary>
public enum LineageStart
{
    /// <summary>The version it starts from.</summary>
    Base,

    /// <summary>Its newest state: all goes on, a reaction too.</summary>
    Checkpoint,

    /// <summary>An earlier state it has been rolled back to: a reaction of that time is over.</summary>
    RolledBack,
}
