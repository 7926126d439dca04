using System.Collections.Immutable;
using Ralm.Drift.Detectors;

namespace Ralm.Drift.TestThenTrain;

/// <summary>
/// Several losses of the same rows, a detector each. A change is reported once, whoever sees it first: all start over
/// with it.
/// </summary>
internal sealed class LossWatch
{
    private readonly ImmutableArray<DriftDetector> _fresh;
    private ImmutableArray<DriftDetector> _detectors;

    public LossWatch(params ImmutableArray<DriftDetector> fresh) => _fresh = _detectors = fresh;

    /// <param name="row">One row's losses, as many as detectors.</param>
    /// <returns>The change of the first that reports one; null: none does.</returns>
    public DriftChange? Update(ImmutableArray<double> row)
    {
        _detectors = [.. _detectors.Zip(row, (detector, loss) => detector.Update(loss))];
        var change = _detectors.Select(d => d.Change).FirstOrDefault(c => c is not null);
        _detectors = change is null ? _detectors : _fresh;
        return change;
    }
}
