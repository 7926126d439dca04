namespace RalmActors.Benchmarks;

/// <summary>Product and peer in turn, after one uncounted round of each. Null where the peer is missing.</summary>
public static class Runner
{
    public static async Task<Result?> Run(IComparison row, int rounds, CancellationToken ct)
    {
        Console.Error.Write($"{row.Id}: ");
        await row.SetUp(ct);
        try
        {
            if (row.Missing is { } missing)
            {
                Console.Error.WriteLine($"skipped: {missing}");
                return null;
            }

            await row.RunProduct(ct);
            await row.RunPeer(ct);
            var measured = new List<(Measurement, Measurement)>();
            for (var round = 0; round < rounds; round++)
            {
                var product = await Measurement.Of(() => row.RunProduct(ct), () => 0);
                var peer = await Measurement.Of(() => row.RunPeer(ct), () => row.PeerCpuSeconds);
                measured.Add((product, peer));
                Console.Error.Write($"{product.PerSecond / peer.PerSecond:G3} ");
            }

            Console.Error.WriteLine();
            return new Result(row, measured, Load());
        }
        finally
        {
            await row.TearDown();
        }
    }

    private static double Load() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0]) : double.NaN;
}
