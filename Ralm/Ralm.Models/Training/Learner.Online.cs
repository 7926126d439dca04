using Ralm.Models.Networks;
using Ralm.Models.Optimizers;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Training;

/// <summary>What learning online needs beside a gradient and a step.</summary>
internal sealed partial class Learner
{
    /// <summary>The numbers that change online, among all of the model.</summary>
    public Range LearnedOnline => _rankingFrom..Parameters;

    /// <summary>They are: where the first stands, and their values.</summary>
    public (int From, float[] Values) OnlineWeights()
    {
        using var scope = NewDisposeScope();
        return (_rankingFrom, FlatVector.Read(_weights.Values.narrow(0, _rankingFrom, Parameters - _rankingFrom)));
    }

    /// <summary>All weights as they are now, or with others for those that change online; they do not learn.</summary>
    /// <param name="learned">Null: as they are now.</param>
    /// <exception cref="ArgumentException">There are more or fewer of them.</exception>
    public ParameterSet Copy(ReadOnlyMemory<float>? learned = null)
    {
        var copy = new ParameterSet(_weights.Layout, _weights.Values.device, trainable: false);
        var values = _weights.Read();
        if (learned is { } others)
        {
            if (others.Length != values.Length - _rankingFrom)
            {
                copy.Dispose();
                throw new ArgumentException(
                    $"{others.Length} numbers for {values.Length - _rankingFrom} places",
                    nameof(learned)
                );
            }

            others.Span.CopyTo(values.AsSpan(_rankingFrom));
        }

        copy.Assign(values);
        return copy;
    }

    /// <summary>What other weights say of the rows written to the target: as the loss sees it.</summary>
    public void LogOdds(ParameterSet weights, Span<float> logOdds)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (input, _) = _batch.Read(logOdds.Length);
        FlatVector.Read(OnLine(_model.Logits(weights, input, dropout: null)), logOdds);
    }

    /// <summary>From the next step on. One of the same kind goes on with what it has.</summary>
    public void Use(OptimizerConfig config)
    {
        var next = Optimizer.Create(config, _weights);
        if (next.Name == _optimizer.Name)
        {
            next.Steps = _optimizer.Steps;
            foreach (var (name, state) in next.State)
            {
                using var scope = NewDisposeScope();
                FlatVector.Write(state, FlatVector.Read(_optimizer.State[name]));
            }
        }

        _optimizer.Dispose();
        (_optimizer, _clipNorm) = (next, config.ClipNorm);
    }
}
