using RalmActors.Trainer.Domain.Schema;

namespace RalmActors.Trainer.Torch.Models;

/// <summary>The widths a model reads; they follow from the feature schema.</summary>
/// <param name="User">Numbers that describe the user, at least 1.</param>
/// <param name="Item">Numbers that describe the candidate, at least 1.</param>
/// <param name="Context">Numbers that describe the pair and the moment; 0 when there are none.</param>
public sealed record InputWidths(int User, int Item, int Context)
{
    public static InputWidths Of(FeatureSchema schema) =>
        new(schema.User.Width, schema.Candidate.Width, schema.Context.Width);
}
