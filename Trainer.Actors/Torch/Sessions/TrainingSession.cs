using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>One offline run on one device. Its weights are a function of dataset, configuration and batches alone.</summary>
internal sealed class TrainingSession : IDisposable
{
    private const int ValidationSlice = 4_096;

    private readonly TrainingConfig _config;
    private readonly ITrainingData _data;
    private readonly Learner _learner;
    private readonly string _datasetHash;
    private readonly string _parent;
    private readonly float[] _probabilities;
    private readonly float[] _labels;
    private int _validated;

    /// <param name="checkpoint">The last epoch's, or <c>null</c> for first weights.</param>
    public TrainingSession(
        TrainingConfig config,
        ITrainingData data,
        string datasetHash,
        (ModelArtifact Artifact, string Hash)? checkpoint,
        string device
    )
    {
        if (data.Rows(Part.Train) == 0 || data.Rows(Part.Valid) == 0)
        {
            throw new InvalidDataException(
                $"the dataset has {data.Rows(Part.Train)} training and {data.Rows(Part.Valid)} validation rows"
            );
        }

        _config = config;
        _data = data;
        _datasetHash = datasetHash;
        _parent = checkpoint?.Hash ?? "";
        _learner = new Learner(config.Model, config.Optimizer, data.Encoder.Widths, device);
        _probabilities = new float[data.Rows(Part.Valid)];
        _labels = new float[data.Rows(Part.Valid)];
        try
        {
            if (checkpoint is { } from)
            {
                _learner.Restore(from.Artifact, withOptimizer: true);
            }
            else
            {
                _learner.Initialise(SeedStream.ForWeights(config.Seed));
            }
        }
        catch
        {
            _learner.Dispose();
            throw;
        }
    }

    public int TrainRows => _data.Rows(Part.Train);

    public string SchemaId => _data.Encoder.SchemaId;

    public double Train(int epoch, int batch, ReadOnlySpan<int> rows)
    {
        _data.Gather(Part.Train, rows, _learner.Target(rows.Length));
        return _learner.Step(rows.Length, SeedStream.ForBatch(_config.Seed, epoch, batch));
    }

    /// <summary>Scores the next slice of the validation rows; the metrics once all are scored, else <c>null</c>.</summary>
    public ValidationMetrics? Validate()
    {
        var rows = Math.Min(ValidationSlice, _labels.Length - _validated);
        Span<int> slice = stackalloc int[ValidationSlice];
        for (var k = 0; k < rows; k++)
        {
            slice[k] = _validated + k;
        }

        _data.Gather(Part.Valid, slice[..rows], _learner.Target(rows));
        _learner.Score(rows, _probabilities.AsSpan(_validated), _labels.AsSpan(_validated));
        _validated += rows;
        if (_validated < _labels.Length)
        {
            return null;
        }

        _validated = 0;
        return ValidationMetrics.Of(_probabilities, _labels);
    }

    public ModelArtifact Checkpoint(int epoch, ValidationMetrics metrics) =>
        _learner.ToArtifact(
            new ModelCard
            {
                Model = _config.Model,
                SchemaJson = _data.Encoder.SchemaJson,
                SchemaId = _data.Encoder.SchemaId,
                DatasetHash = _datasetHash,
                Parent = _parent,
                Metrics = ModelCard.MetricsOf(("valid_auc", metrics.Auc), ("valid_log_loss", metrics.LogLoss)),
            },
            epoch
        );

    public void Dispose()
    {
        _learner.Dispose();
        _data.Dispose();
    }
}
