using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// Loss of samples before they were learned, as an exponentially weighted mean over mini-batches (Gama, Sebastião,
/// Rodrigues 2013, with a fading factor of 0.98: about the last 50 batches count). The same batches give the same value,
/// so it is replayed with the weights.
/// </summary>
public sealed class PrequentialLoss
{
    private const double Fading = 0.98;

    /// <summary>0 until the first batch.</summary>
    public double Value { get; private set; }

    private bool _started;

    public void Restart(LineageCheckpointed? checkpoint)
    {
        Value = checkpoint?.PrequentialLoss ?? 0;
        _started = checkpoint is not null;
    }

    public void Add(double meanLoss)
    {
        Value = _started ? (Fading * Value) + ((1 - Fading) * meanLoss) : meanLoss;
        _started = true;
    }
}
