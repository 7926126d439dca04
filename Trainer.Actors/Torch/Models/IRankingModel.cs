using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch.Models;

/// <summary>One mini-batch's inputs, rows × width each.</summary>
/// <param name="Context"><c>null</c> when the shape has no context.</param>
public readonly record struct ModelInput(Tensor User, Tensor Item, Tensor? Context);

/// <summary>
/// A ranking model: a layout of parameters and a function from parameters and inputs to logits. It holds no state, so the
/// same object serves any number of trainings and threads. A new model needs this interface and one line in
/// <see cref="RankingModels"/>.
/// </summary>
public interface IRankingModel
{
    ParameterLayout Layout { get; }

    /// <summary>One logit per row: the log odds of the outcome wished for.</summary>
    /// <param name="dropout"><c>null</c> when evaluating or serving.</param>
    Tensor Logits(ParameterSet weights, in ModelInput input, Dropout? dropout);
}
