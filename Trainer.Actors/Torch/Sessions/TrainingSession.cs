using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Models;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>One offline run on one device. Its weights are a function of dataset, configuration and batches alone.</summary>
internal sealed class TrainingSession : IDisposable
{
    private const int ValidationSlice = 4_096;

    private readonly TrainingConfig _config;
    private readonly PreparedDataset _data;
    private readonly Learner _learner;
    private readonly float[] _probabilities;
    private readonly float[] _labels;
    private int[] _rows = [];
    private int _validated;

    /// <param name="checkpoint">The last epoch's, or <c>null</c> for first weights.</param>
    public TrainingSession(TrainingConfig config, PreparedDataset data, ModelArtifact? checkpoint, string device)
    {
        TrainRows = data.Rows(Split.Train).Length;
        var validRows = data.Rows(Split.Valid).Length;
        if (TrainRows == 0 || validRows == 0)
        {
            throw new InvalidDataException(
                $"dataset {data.Meta.Name} has {TrainRows} training and {validRows} validation rows"
            );
        }

        _config = config;
        _data = data;
        var widths = new InputWidths(data.Meta.UserWidth, data.Meta.CandidateWidth, data.Meta.ContextWidth);
        _learner = new Learner(config.Model, config.Optimizer, widths, device);
        _probabilities = new float[validRows];
        _labels = new float[validRows];
        try
        {
            if (checkpoint is null)
            {
                _learner.Initialise(SeedStream.ForWeights(config.Seed));
            }
            else
            {
                _learner.Restore(checkpoint, withOptimizer: true);
            }
        }
        catch
        {
            _learner.Dispose();
            throw;
        }
    }

    public int TrainRows { get; }

    public string SchemaId => _data.Meta.SchemaId;

    /// <param name="places">Places in the training part, 0 to <see cref="TrainRows"/> - 1.</param>
    public double Train(int epoch, int batch, ReadOnlySpan<int> places)
    {
        Gather(Split.Train, places);
        return _learner.Step(places.Length, SeedStream.ForBatch(_config.Seed, epoch, batch));
    }

    /// <summary>Scores the next slice of the validation rows; the metrics once all are scored, else <c>null</c>.</summary>
    public (double Auc, double LogLoss)? Validate()
    {
        var rows = Math.Min(ValidationSlice, _labels.Length - _validated);
        Span<int> places = stackalloc int[rows];
        for (var k = 0; k < rows; k++)
        {
            places[k] = _validated + k;
        }

        Gather(Split.Valid, places);
        _learner.Score(rows, _probabilities.AsSpan(_validated));
        foreach (var row in _rows.AsSpan(0, rows))
        {
            _labels[_validated++] = _data.Label(row);
        }

        if (_validated < _labels.Length)
        {
            return null;
        }

        _validated = 0;
        return (RankingMetrics.Auc(_probabilities, _labels), RankingMetrics.LogLoss(_probabilities, _labels));
    }

    public ModelArtifact Checkpoint(int epoch, double validAuc, double validLogLoss) =>
        _learner.ToArtifact(
            new ModelCard
            {
                Model = _config.Model,
                SchemaJson = _data.Schema?.ToJson() ?? "",
                SchemaId = SchemaId,
                DatasetHash = _data.Meta.Hash,
                Metrics = ModelCard.MetricsOf(("valid_auc", validAuc), ("valid_log_loss", validLogLoss)),
            },
            epoch
        );

    public void Dispose() => _learner.Dispose();

    private void Gather(Split split, ReadOnlySpan<int> places)
    {
        if (_rows.Length < places.Length)
        {
            _rows = new int[places.Length];
        }

        var all = _data.Rows(split);
        for (var k = 0; k < places.Length; k++)
        {
            _rows[k] = all[places[k]];
        }

        var target = _learner.Target(places.Length);
        _data.Gather(_rows.AsSpan(0, places.Length), target.User, target.Item, target.Context, target.Labels);
    }
}
