using Ralm.Models.Networks;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Optimizers;

/// <summary>Turns gradients into new weights, over the whole flat vector at once.</summary>
public interface IOptimizer : IDisposable
{
    string Name { get; }

    /// <summary>Steps taken since the first weights; part of every checkpoint.</summary>
    long Steps { get; set; }

    /// <summary>Flat vectors as long as the parameters, by suffix; they are part of every checkpoint.</summary>
    IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Moves the weights of this part and sets its gradients to zero; the others are frozen.</summary>
    /// <param name="share">Of the configured learning rate, as a schedule has it.</param>
    void Step(ParameterSet weights, Range part, double share = 1);
}

public static class Optimizer
{
    /// <exception cref="ArgumentException">No optimiser has this name.</exception>
    public static IOptimizer Create(OptimizerConfig config, ParameterSet weights) =>
        config.Name switch
        {
            Adam.OptimizerName => new Adam(config, weights),
            Adam.DecoupledName => new Adam(config, weights),
            Sgd.OptimizerName => new Sgd(config),
            NormalizedSgd.OptimizerName => new NormalizedSgd(config),
            Adagrad.OptimizerName => new Adagrad(config, weights),
            FtrlProximal.OptimizerName => new FtrlProximal(config, weights),
            _ => throw new ArgumentException(
                $"optimizer.name \"{config.Name}\" {ConfigRules.OptimizerRule}",
                nameof(config)
            ),
        };
}
