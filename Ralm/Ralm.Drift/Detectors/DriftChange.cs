namespace Ralm.Drift.Detectors;

/// <summary>What has changed, told together with <see cref="DriftLevel.Drift"/>.</summary>
/// <param name="Direction">Up or down.</param>
/// <param name="Since">Newest values that probably lie behind the change, 1 or more: what to retrain on.</param>
/// <param name="Count">Values since the start, or the change before.</param>
public sealed record DriftChange(DriftDirections Direction, long Since, long Count);
