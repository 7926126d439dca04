namespace RalmActors.Messages.Entities;

/// <summary>Pauses between attempts at what keeps failing: each twice as long as the one before.</summary>
public static class Backoff
{
    private const int MaxDoublings = 16;

    /// <summary>The pause before the next attempt.</summary>
    /// <param name="first">After the first failure.</param>
    /// <param name="failures">So far: at least 1.</param>
    /// <param name="most">However many failures.</param>
    public static TimeSpan After(TimeSpan first, int failures, TimeSpan most)
    {
        var pause = first * Math.Pow(2, Math.Clamp(failures - 1, 0, MaxDoublings));
        return pause < most ? pause : most;
    }
}
