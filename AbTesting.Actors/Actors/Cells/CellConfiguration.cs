using System.Collections.Immutable;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// Which cells of a test have confirmed what to count. One that has reported before a restart was told then: it is only
/// to be woken, at leisure. One that has not, or that lacks a metric, is told at once, and again until it confirms.
/// </summary>
internal sealed class CellConfiguration
{
    private ImmutableHashSet<int> _ready = [];
    private int _metrics = -1;
    private bool _isChanged;
    private ImmutableDictionary<int, long> _woken = ImmutableDictionary<int, long>.Empty;

    /// <summary>Takes up a definition; another set of metrics is news to every cell.</summary>
    public void Follow(ExperimentState experiment)
    {
        var metrics = experiment.Definition!.Metrics.Count;
        if (_metrics != metrics)
        {
            _isChanged = _metrics >= 0;
            (_metrics, _ready) = (metrics, []);
        }
    }

    /// <summary>A node has gone, and cells with it that had not reported: which, nobody knows.</summary>
    public void WakeAgain() => (_ready, _isChanged) = ([], false);

    /// <summary>
    /// Cells with units whose time is over for a while, and that have not said so: they may have left memory. Each is woken
    /// once for it; it then reports until it is heard.
    /// </summary>
    /// <param name="patience">How long they are left to report by themselves.</param>
    public void WakeMatured(ExperimentState experiment, DateTimeOffset now, TimeSpan patience)
    {
        var before = (now - patience).ToUnixTimeSeconds();
        foreach (var cell in experiment.Cells.Values)
        {
            if (
                cell.NextMaturesAt > 0
                && cell.NextMaturesAt <= before
                && _woken.GetValueOrDefault(cell.Cell) != cell.NextMaturesAt
            )
            {
                (_woken, _ready) = (_woken.SetItem(cell.Cell, cell.NextMaturesAt), _ready.Remove(cell.Cell));
            }
        }
    }

    public void Confirm(int cell, int metrics) => _ready = metrics == _metrics ? _ready.Add(cell) : _ready;

    /// <summary>To be told now.</summary>
    public IEnumerable<int> Urgent(ExperimentState experiment) =>
        Unconfirmed(experiment).Where(c => _isChanged || !WasTold(experiment, c));

    /// <summary>To be woken when there is time.</summary>
    public int? Next(ExperimentState experiment) =>
        Unconfirmed(experiment).Where(c => !_isChanged && WasTold(experiment, c)).Select(c => (int?)c).FirstOrDefault();

    public static ConfigureCell Command(ExperimentState experiment, int cell) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = $"configure:{experiment.Definition!.Metrics.Count}",
                CorrelationId = experiment.ExperimentId,
            },
            ExperimentId = experiment.ExperimentId,
            Cell = cell,
            Arms = { experiment.Definition.Arms.Select(a => a.Name) },
            Metrics = { experiment.Definition.Metrics },
            Segments = { experiment.Definition.Segments },
        };

    private IEnumerable<int> Unconfirmed(ExperimentState experiment) =>
        Enumerable.Range(0, experiment.Definition!.Cells).Where(c => !_ready.Contains(c));

    private static bool WasTold(ExperimentState experiment, int cell) =>
        experiment.Cells.TryGetValue(cell, out var report)
        && (
            report.Arms.Count == 0
            || experiment.Definition!.Metrics.All(m =>
                report.Arms.Any(a => string.Equals(a.Metric, m.Name, StringComparison.Ordinal))
            )
        );
}
