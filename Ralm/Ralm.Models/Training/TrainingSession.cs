using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Calibration;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <param name="Loss">Mean over the batch's rows, before the step.</param>
/// <param name="LearningRate">The step was taken with.</param>
/// <param name="GradientNorm">Before it was clipped.</param>
internal sealed record TrainedStep(double Loss, double LearningRate, double GradientNorm);

/// <summary>What makes one copy of a model in training equal to another.</summary>
/// <param name="From">The first parameter's place.</param>
/// <param name="Values">Of the parameters from there on: their weights, then each of the optimiser's vectors.</param>
/// <param name="Steps">Of the optimiser.</param>
internal sealed record TrainedState(int From, ReadOnlyMemory<float> Values, long Steps);

/// <summary>One offline run on one device. Its weights are a function of dataset, configuration and batches alone.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly TrainingConfig _config;
    private readonly PreparedDataset _data;
    private readonly Learner _learner;
    private readonly DatasetBatches _batches;
    private readonly RepresentationBatches? _representation;
    private readonly float[] _probabilities;
    private readonly float[] _labels;
    private readonly float[] _logOdds;
    private ScoreCalibration _calibration;
    private int _refreshedAfter = -1;
    private int _validated;

    /// <param name="checkpoint">The last epoch's, or <c>null</c> for first weights.</param>
    /// <param name="initial">Has the first weights; null: they are random.</param>
    /// <exception cref="ArtifactException">The first weights are of another model, or of another schema than the dataset's.</exception>
    public TrainingSession(
        TrainingConfig config,
        PreparedDataset data,
        ModelArtifact? checkpoint,
        string device,
        ModelArtifact? initial = null
    )
    {
        if (initial is not null && initial.Card.SchemaId != data.Meta.SchemaId)
        {
            throw new ArtifactException(
                $"the first weights are of schema {initial.Card.SchemaId}, and the dataset is of {data.Meta.SchemaId}"
            );
        }

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
        Used = UsedConfig.Of(config, TrainRows, PositiveRows(data), representation: 0);
        _calibration = new ScoreCalibration(Used.PositiveWeight);
        _learner = new Learner(config.Model, Used.Optimizer, InputShape.Of(data), device)
        {
            PositiveWeight = Used.PositiveWeight,
            Calibration = _calibration,
        };
        _batches = new DatasetBatches(data, _learner);
        if (_learner.Seeded is not null && data.Responses.Count > 0)
        {
            _representation = new RepresentationBatches(data, config.Negatives);
            Used.RepresentationEpochs = Math.Max(0, config.RepresentationEpochs);
        }

        _probabilities = new float[validRows];
        _labels = new float[validRows];
        _logOdds = Used.HasCalibration ? new float[validRows] : [];
        try
        {
            if (checkpoint is null && initial is not null)
            {
                _learner.Restore(initial, withOptimizer: false);
            }
            else if (checkpoint is null)
            {
                _learner.Initialise(RandomStream.ForWeights(config.RandomSeed));
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

    /// <summary>The first epochs, which train the representation of people on known responses.</summary>
    public int RepresentationEpochs => Used.RepresentationEpochs;

    /// <summary>The configuration with every choice made that it leaves to the rows.</summary>
    public TrainingConfig Used { get; }

    /// <summary>Known responses.</summary>
    public int RepresentationRows => _representation?.Rows ?? 0;

    public string SchemaId => _data.Meta.SchemaId;

    /// <summary>What the audiences must know for the model to score as it was judged; null: the model knows no seeds.</summary>
    public (string Path, string Hash)? Seeds =>
        _learner.Seeded is not null && _data.SeedsPath is { } path ? (path, _data.Meta.SeedsHash) : null;

    public bool IsRepresentation(int epoch) => epoch <= RepresentationEpochs;

    /// <param name="places">Places in the training part, or, for the representation, among the known responses.</param>
    public TrainedStep Train(int epoch, int batch, ReadOnlySpan<int> places) =>
        Step(epoch, batch, Backward(epoch, batch, places, share: 0, shares: 1));

    /// <summary>Numbers of a gradient at most.</summary>
    public int Parameters => _learner.Parameters;

    /// <summary>The gradient of one share of a batch; its mean loss.</summary>
    /// <param name="places">Of the share alone.</param>
    public double Backward(int epoch, int batch, ReadOnlySpan<int> places, int share, int shares)
    {
        var seed = BatchShares.Seed(RandomStream.ForBatch(_config.RandomSeed, epoch, batch), share, shares);
        if (!IsRepresentation(epoch))
        {
            if (batch < FirstBatches && epoch == RepresentationEpochs + 1)
            {
                _learner.RestartOptimizer();
            }

            RefreshAfter(epoch - 1);
        }

        if (places.IsEmpty)
        {
            _learner.BackwardNothing(IsRepresentation(epoch));
            return 0;
        }

        if (IsRepresentation(epoch))
        {
            return _representation!.Backward(_learner, places, seed);
        }

        _batches.Gather(Split.Train, places);
        return _learner.Backward(places.Length, seed);
    }

    /// <summary>The gradient that was computed last; how many numbers.</summary>
    public int ReadGradient(Span<float> to) => _learner.ReadGradient(to);

    /// <summary>A step along the gradient of all shares instead of this session's own.</summary>
    public TrainedStep Step(int epoch, int batch, double loss, ReadOnlySpan<float> gradient)
    {
        _learner.WriteGradient(gradient);
        return Step(epoch, batch, loss);
    }

    private TrainedStep Step(int epoch, int batch, double loss)
    {
        var share = ShareOfRate(epoch, batch);
        return new(loss, _config.Optimizer.LearningRate * share, _learner.Step(share));
    }

    public int BatchesOf(int epoch)
    {
        var rows = IsRepresentation(epoch) ? RepresentationRows : TrainRows;
        return (rows + Used.BatchSize - 1) / Used.BatchSize;
    }

    /// <summary>Weights and optimiser: all of them, or of the part that is trained; see <see cref="Learner"/>.</summary>
    public TrainedState ReadState(float[] into, bool whole = false)
    {
        var (from, length) = whole ? (0, Parameters) : _learner.Part;
        return new(from, into.AsMemory(0, _learner.ReadState(from, length, into)), _learner.Steps);
    }

    /// <summary>Numbers of a state at most.</summary>
    public int StateLength => _learner.Vectors * Parameters;

    public void WriteState(TrainedState state) => _learner.WriteState(state.From, state.Values.Span, state.Steps);

    /// <summary>
    /// Scores the next slice of the validation rows; the metrics once all are scored, else <c>null</c>. They are of what the
    /// model says before a map is fitted to these very rows.
    /// </summary>
    public (double Auc, double LogLoss)? Validate(int epoch)
    {
        if (!IsRepresentation(epoch))
        {
            RefreshAfter(epoch);
        }

        _validated += _batches.Score(
            Split.Valid,
            _validated,
            _probabilities,
            _labels,
            _logOdds,
            IsRepresentation(epoch)
        );
        if (_validated < _labels.Length)
        {
            return null;
        }

        _validated = 0;
        if (Used.HasCalibration && !IsRepresentation(epoch))
        {
            _calibration = ScoreCalibration.Fit(Used.Calibration, Used.PositiveWeight, _logOdds, _labels);
        }

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
                Training = Used,
                Calibration = _calibration,
                Metrics = ModelCard.MetricsOf(("valid_auc", validAuc), ("valid_log_loss", validLogLoss)),
            },
            epoch
        );

    public void Dispose() => _learner.Dispose();

    /// <summary>Each copy that is to be averaged meets an epoch in a batch of its own.</summary>
    private int FirstBatches => _config.AverageEvery > 0 ? _config.Workers : 1;

    /// <summary>Each phase has the schedule to itself.</summary>
    private double ShareOfRate(int epoch, int batch)
    {
        var (before, epochs) = IsRepresentation(epoch)
            ? (0, RepresentationEpochs)
            : (RepresentationEpochs, _config.MaxEpochs);
        var steps = BatchesOf(epoch);
        return LearningRates.ShareAt(_config.Schedule, ((long)(epoch - before - 1) * steps) + batch, steps, epochs);
    }

    private static double PositiveRows(PreparedDataset data)
    {
        var sum = 0.0;
        foreach (var row in data.Rows(Split.Train))
        {
            sum += data.Label(row);
        }

        return sum;
    }

    /// <summary>Seeds are clustered anew once an epoch: the space they are clustered in has moved.</summary>
    private void RefreshAfter(int epoch)
    {
        if (_refreshedAfter != epoch)
        {
            _batches.Refresh();
            _refreshedAfter = epoch;
        }
    }
}
