namespace RalmActors.Benchmarks.Support;

/// <summary>Keeps a number of requests in flight until all are answered.</summary>
public static class InFlight
{
    public static async Task<long> Run(int requests, int inFlight, Func<int, Task> request)
    {
        var next = -1;
        await Task.WhenAll(
            Enumerable
                .Range(0, inFlight)
                .Select(async _ =>
                {
                    for (var i = Interlocked.Increment(ref next); i < requests; i = Interlocked.Increment(ref next))
                    {
                        await request(i);
                    }
                })
        );
        return requests;
    }
}
