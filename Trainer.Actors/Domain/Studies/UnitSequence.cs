using Ralm.Ranking.Randomness;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>Uniform numbers, 0 inclusive to 1 exclusive, of 53 bits: the same seed, the same sequence (SplitMix64).</summary>
public sealed class UnitSequence(ulong seed)
{
    private ulong _drawn;

    public double Next() => (RandomStream.Finish(seed + (++_drawn * 0x9E3779B97F4A7C15UL)) >> 11) * (1.0 / (1UL << 53));
}

/// <summary>What is random about a trial follows from the study's seed and the trial's number alone.</summary>
public static class TrialSeeds
{
    /// <summary>The seed the trial's run trains with.</summary>
    public static ulong ForRun(ulong studySeed, int trial) => RandomStream.Mix(studySeed, 4, (ulong)trial);

    /// <summary>The seed its parameters are drawn with.</summary>
    public static ulong ForSuggestion(ulong studySeed, int trial) => RandomStream.Mix(studySeed, 5, (ulong)trial);

    /// <summary>The seed of a grid's order.</summary>
    public static ulong ForGrid(ulong studySeed) => RandomStream.Mix(studySeed, 6);
}
