namespace RalmActors.AbTesting.Actors;

/// <summary>
/// After a restart every cell is woken once, so that what it had not reported is. All tests of a node share this pace:
/// few tests are through in a moment, a thousand do not wake sixteen thousand cells at once.
/// </summary>
public sealed class WakingPace(int cellsPerSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1.0 / cellsPerSecond);
    private DateTimeOffset _next;

    /// <summary>Takes the next free moment to wake a cell: how long until then.</summary>
    public TimeSpan Reserve()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var mine = _next > now ? _next : now;
            _next = mine + _interval;
            return mine - now;
        }
    }
}
