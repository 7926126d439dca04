namespace RalmActors.Trainer.Torch.Models;

/// <summary>The widths a model reads; they follow from the feature schema.</summary>
/// <param name="UserWidth">Numbers that describe the user, at least 1.</param>
/// <param name="ItemWidth">Numbers that describe the candidate, at least 1.</param>
/// <param name="ContextWidth">Numbers that describe the pair and the moment; 0 when there are none.</param>
public sealed record ModelShape(int UserWidth, int ItemWidth, int ContextWidth = 0);
