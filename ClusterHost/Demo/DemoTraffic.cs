using System.Collections.Concurrent;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Many visits at a time, and what both arms scored before and after the drift.</summary>
public sealed class DemoTraffic(Visit visit, int concurrency)
{
    private readonly ConcurrentDictionary<(string Arm, bool Drifted), AucMeter> _meters = new();
    private long _interactions;
    private long _withLookAlike;

    public long Interactions => Interlocked.Read(ref _interactions);

    /// <summary>Of these, whose score rested on seeds.</summary>
    public long WithLookAlike => Interlocked.Read(ref _withLookAlike);

    public AucMeter Meter(string arm, bool drifted) => _meters.GetOrAdd((arm, drifted), _ => new AucMeter());

    /// <summary>Plays visits <paramref name="from"/>..<paramref name="to"/> - 1; stops early when told to.</summary>
    public async Task Play(int from, int to, bool drifted, Action<int> done, Func<bool> enough, CancellationToken ct)
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(from, to - from).TakeWhile(_ => !enough()),
            new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = ct },
            async (number, token) =>
            {
                var result = await visit.Play(number, drifted, token);
                Interlocked.Add(ref _interactions, result.Interactions);
                Interlocked.Add(ref _withLookAlike, result.WithLookAlike);
                var meter = Meter(result.Arm, drifted);
                foreach (var (scored, truth, match) in result.Scored)
                {
                    meter.Add(number, scored.Score, truth, match, scored.Seeds);
                }

                done(number);
            }
        );
    }
}
