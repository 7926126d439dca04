namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// Loss of samples before they were learned, as an exponentially weighted mean (Gama, Sebastião, Rodrigues 2013): each sample
/// weighs 0.98 to the power of 1/32 of the one after it, half as much every 1,098 samples, however they were batched. The same
/// batches give the same value, so it is replayed with the weights.
/// </summary>
public sealed class PrequentialLoss
{
    private static readonly double Fading = Math.Pow(0.98, 1.0 / 32);

    /// <summary>0 until the first sample.</summary>
    public double Value { get; private set; }

    private long _samples;

    /// <param name="samples">Those learned so far: what the value rests on.</param>
    public void Restart(double value, long samples) => (Value, _samples) = (value, samples);

    public void Add(double meanLoss, int samples)
    {
        if (samples == 0)
        {
            return;
        }

        // With few samples the weights do not add up to 1 yet: without the division the first would count for too much.
        var before = (1 - Math.Pow(Fading, _samples)) * Math.Pow(Fading, samples);
        var share = 1 - Math.Pow(Fading, samples);
        Value = ((before * Value) + (share * meanLoss)) / (before + share);
        _samples += samples;
    }
}
