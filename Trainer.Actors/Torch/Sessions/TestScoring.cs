using System.Collections.Immutable;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>A finished model on the rows that neither training nor early stopping has seen, slice by slice.</summary>
internal sealed class TestScoring : IDisposable
{
    private const int Slice = 4_096;

    private readonly PreparedDataset _data;
    private readonly int[] _rows;
    private readonly Learner _learner;
    private readonly float[] _scores;
    private readonly float[] _labels;
    private readonly SliceBuilder _slices;
    private int _scored;

    /// <exception cref="ArtifactException">The model's tensors do not fit the data.</exception>
    public TestScoring(ModelArtifact artifact, PreparedDataset data, string device)
    {
        (Card, _data, _rows) = (artifact.Card, data, data.Rows(Split.Test).ToArray());
        (_scores, _labels) = (new float[_rows.Length], new float[_rows.Length]);
        _slices = new SliceBuilder(data.Schema);
        var widths = new InputWidths(data.Meta.UserWidth, data.Meta.CandidateWidth, data.Meta.ContextWidth);
        _learner = new Learner(artifact.Card.Model, new OptimizerConfig { Name = "adam" }, widths, device);
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
        var part = _rows.AsSpan(_scored, Math.Min(Slice, _rows.Length - _scored));
        if (part.IsEmpty)
        {
            return true;
        }

        var target = _learner.Target(part.Length);
        _data.Gather(part, target.User, target.Item, target.Context, target.Labels);
        target.Labels.CopyTo(_labels.AsSpan(_scored));
        var (u, c, x) = (_data.Meta.UserWidth, _data.Meta.CandidateWidth, _data.Meta.ContextWidth);
        for (var k = 0; k < part.Length; k++)
        {
            _slices.Add(target.User.Slice(k * u, u), target.Item.Slice(k * c, c), target.Context.Slice(k * x, x));
        }

        _learner.Score(part.Length, _scores.AsSpan(_scored, part.Length));
        _scored += part.Length;
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
            new TestRows
            {
                Labels = { _labels },
                Users = { _rows.Select(_data.UserOf) },
                Candidates = { _rows.Select(_data.CandidateOf) },
                Slices = { slices.Select(ScoredRows.ToMessage) },
            },
            new TestScores { Scores = { _scores } }
        );
    }

    public void Dispose() => _learner.Dispose();
}
