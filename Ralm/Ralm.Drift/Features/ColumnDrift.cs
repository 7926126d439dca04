namespace Ralm.Drift.Features;

/// <summary>What the newest rows say of one column.</summary>
/// <param name="Index">Population stability index against the training rows.</param>
/// <param name="PValue">Of this column alone.</param>
/// <param name="AdjustedP">Corrected for all columns (Holm 1979): what is held against alpha.</param>
/// <param name="Rows">Newest rows that were compared.</param>
/// <param name="MissingShare">Of the newest rows, 0 to 1.</param>
/// <param name="UnknownShare">Values of a category without a bin of their own, 0 to 1; 0 for a number.</param>
/// <param name="TrainingMissingShare">The same of the training rows.</param>
/// <param name="TrainingUnknownShare">The same of the training rows.</param>
public sealed record ColumnDrift(
    string Name,
    double Index,
    double PValue,
    double AdjustedP,
    long Rows,
    double MissingShare,
    double UnknownShare,
    double TrainingMissingShare,
    double TrainingUnknownShare,
    DriftLevel Level
);
