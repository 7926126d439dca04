namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// What a model makes of one candidate's clusters whoever asks; see <see cref="Models.SeedView"/>. It holds the clusters that
/// are used, and so (width + 3) × 4 bytes for each of them, never more than for each of the candidate's seeds.
/// </summary>
internal sealed record ClusterView(float[] Compared, float[] Lengths, float[] LogSizes, float[] Shares);
