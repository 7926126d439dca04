namespace Ralm.Drift.Prequential;

/// <summary>Whose probability it is. All are asked of the same row, before any of them learns it.</summary>
public enum Predictor
{
    /// <summary>The weights that scorers answer with.</summary>
    Served = 0,

    /// <summary>The weights after the newest batch.</summary>
    Latest = 1,

    /// <summary>The weights the lineage began with.</summary>
    Frozen = 2,
}
