using System.Collections.Immutable;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <summary>A finished model on the rows that neither training nor early stopping has seen, slice by slice.</summary>
internal sealed class HeldOutScoring : IDisposable
{
    private readonly PreparedDataset _data;
    private readonly int[] _rows;
    private readonly Learner _learner;
    private readonly DatasetBatches _batches;
    private readonly float[] _scores;
    private readonly float[] _cold;
    private readonly float[] _labels;
    private readonly float[] _logOdds;
    private readonly SliceBuilder _slices;
    private int _scored;
    private bool _refreshed;

    /// <exception cref="ArtifactException">The model's tensors do not fit the data.</exception>
    public HeldOutScoring(ModelArtifact artifact, PreparedDataset data, string device)
    {
        (Card, _data, _rows) = (artifact.Card, data, data.Rows(Split.Test).ToArray());
        (_scores, _labels, _cold) = (new float[_rows.Length], new float[_rows.Length], []);
        _logOdds = artifact.Card.Calibration.IsNone ? [] : new float[_rows.Length];
        _slices = new SliceBuilder(data.Schema);
        var unused = new OptimizerConfig { Name = "sgd" };
        _learner = new Learner(artifact.Card.Model, unused, InputShape.Of(data), device)
        {
            Calibration = artifact.Card.Calibration,
        };
        _batches = new DatasetBatches(data, _learner);
        if (_learner.Seeded is not null)
        {
            _cold = new float[_rows.Length];
        }

        try
        {
            _learner.Restore(artifact, withOptimizer: false);
        }
        catch
        {
            _learner.Dispose();
            throw;
        }
    }

    public ModelCard Card { get; }

    /// <summary>Scores the next rows; true once all are scored.</summary>
    public bool Next()
    {
        if (_scored == _rows.Length)
        {
            return true;
        }

        if (!_refreshed)
        {
            _batches.Refresh();
            _refreshed = true;
        }

        var count = _batches.Score(Split.Test, _scored, _scores, _labels, _logOdds);
        var written = _learner.Target(count);
        var (u, c, x) = (_data.Meta.UserWidth, _data.Meta.CandidateWidth, _data.Meta.ContextWidth);
        for (var k = 0; k < count; k++)
        {
            _slices.Add(written.User.Slice(k * u, u), written.Item.Slice(k * c, c), written.Context.Slice(k * x, x));
        }

        if (_cold.Length > 0)
        {
            _batches.Score(Split.Test, _scored, _cold, _labels, cold: true);
        }

        _scored += count;
        return _scored == _rows.Length;
    }

    /// <summary>All that a judgement needs, and nothing of tensors.</summary>
    public ScoredRows Result()
    {
        var seen = new Dictionary<int, int>();
        foreach (var row in _data.Rows(Split.Train))
        {
            var user = _data.UserOf(row);
            seen[user] = seen.GetValueOrDefault(user) + 1;
        }

        int[] activity = [.. _rows.Select(row => seen.GetValueOrDefault(_data.UserOf(row)))];
        ImmutableArray<SliceColumn> slices =
            _rows.Length == 0 ? [] : [SliceBuilder.Activity(activity), .. _slices.Build()];
        return new ScoredRows(
            new HeldOutRows
            {
                Labels = { _labels },
                Users = { _rows.Select(_data.UserOf) },
                Candidates = { _rows.Select(_data.CandidateOf) },
                Slices = { slices.Select(ScoredRows.ToMessage) },
            },
            new HeldOutScores { Scores = { _scores } }
        )
        {
            Warnings = _data.Meta.Warnings,
            Cold = [.. _cold],
            Calibration = Card.Calibration.Told(_logOdds, _labels),
        };
    }

    public void Dispose() => _learner.Dispose();
}
