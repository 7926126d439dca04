using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Calibration;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Ralm.Models.Training;

/// <summary>A learner's model with weights that stay as they are: it answers for the rows the learner is about to learn.</summary>
internal sealed class FrozenModel : IDisposable
{
    private readonly IRankingModel _model;
    private readonly ParameterSet _weights;
    private readonly BatchBuffer _rows;
    private readonly int _learnedFrom;

    /// <param name="weights">They are copied.</param>
    /// <param name="rows">The learner's.</param>
    /// <param name="learnedFrom">Place of the first number that changes online.</param>
    public FrozenModel(
        IRankingModel model,
        ParameterSet weights,
        BatchBuffer rows,
        int learnedFrom,
        ScoreCalibration calibration
    )
    {
        (_model, _rows, _learnedFrom, Calibration) = (model, rows, learnedFrom, calibration);
        _weights = new ParameterSet(weights.Layout, weights.Values.device, trainable: false);
        _weights.Assign(weights.Read());
    }

    public ScoreCalibration Calibration { get; }

    /// <summary>Those of its weights that change online.</summary>
    public float[] Learned => _weights.Read()[_learnedFrom..];

    /// <exception cref="ArtifactException">There are more or fewer places.</exception>
    public FrozenModel With(ReadOnlySpan<float> learned)
    {
        var values = _weights.Read();
        if (learned.Length != values.Length - _learnedFrom)
        {
            throw new ArtifactException($"{learned.Length} numbers for {values.Length - _learnedFrom} places");
        }

        learned.CopyTo(values.AsSpan(_learnedFrom));
        _weights.Assign(values);
        return this;
    }

    /// <exception cref="ArtifactException">The tensors are not those of the model.</exception>
    public FrozenModel With(ModelArtifact artifact)
    {
        ModelTensors.Assign(_weights.Layout, artifact.Weights, "", _weights.Values);
        return this;
    }

    /// <summary>What it says of the rows: as the loss sees it.</summary>
    public void LogOdds(Span<float> logOdds)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (input, _) = _rows.Read(logOdds.Length);
        FlatVector.Read(OnLine(_model.Logits(_weights, input, dropout: null), Calibration), logOdds);
    }

    /// <summary>The calibration's line: or weights would learn what it does already, and be corrected twice.</summary>
    public static Tensor OnLine(Tensor logits, ScoreCalibration calibration) =>
        calibration.Line is var (slope, intercept) && (slope, intercept) != (1, 0)
            ? logits.Times(slope).Plus(intercept)
            : logits;

    public void Dispose() => _weights.Dispose();
}
