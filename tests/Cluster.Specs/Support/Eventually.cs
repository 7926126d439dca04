namespace RalmActors.Cluster.Specs.Support;

public static class Eventually
{
    /// <summary>Looks until it is so, for three minutes at most: a busy machine is no failure.</summary>
    public static async Task Is(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    public static Task Is(Func<bool> condition) => Is(() => Task.FromResult(condition()));
}
