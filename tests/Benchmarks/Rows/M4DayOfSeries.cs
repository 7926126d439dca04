using System.Diagnostics;
using Akka.Actor;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Benchmarks.Rows;

/// <summary>A day of 35 series, every point, in one question; against a file of JSON that is read and gone through.</summary>
public sealed class M4DayOfSeries : IComparison
{
    private const int Samplings = 2_880;
    private const int Series = 35;
    private const int Questions = 20;
    private const string Source = "app:day";

    // Reads a line, answers it, and stays: an interpreter's start is nobody's query.
    private const string Script = """
        import json, sys, random, datetime
        random.seed(1); t0 = datetime.datetime(2026, 1, 1)
        hist = [dict(timestamp=(t0 + datetime.timedelta(seconds=30 * k)).isoformat(), values={'m%d' % m: round(random.random() * 100, 2) for m in range(35)}) for k in range(2880)]
        open(sys.argv[1], 'w').write(json.dumps(hist, indent=2))
        print('ready', flush=True)
        for line in sys.stdin:
            rows = json.loads(open(sys.argv[1]).read()); cut = rows[0]['timestamp']
            columns = {m: [r['values'][m] for r in rows if r['timestamp'] >= cut] for m in rows[0]['values']}
            print(len(columns['m0']), flush=True)
        """;

    private readonly string _file = Path.GetTempFileName();
    private SourceNode _node = null!;
    private IActorRef _collector = ActorRefs.Nobody;
    private Process _peer = null!;
    private double _milliseconds;
    private double _stepMilliseconds;

    public string Id => "M4";
    public string Unit => "queries";
    public string Product => "24 h of 35 series, every point, one question to the collector, chunks in SQLite";
    public string Peer => "the same as a file of JSON, read and gone through in Python";
    public double Must => 3.33;
    public double Stretch => 10;

    public string Note =>
        $"{_milliseconds:F1} ms a question for every point (must 10), {_stepMilliseconds:F1} ms for steps of 5 minutes.";

    public IReadOnlyDictionary<string, double> Figures =>
        new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["ms_every_point"] = _milliseconds,
            ["ms_five_minutes"] = _stepMilliseconds,
        };

    public double PeerCpuSeconds => Measurement.CpuOf($"{_peer.Id}");

    public async Task SetUp(CancellationToken ct)
    {
        _node = await SourceNode.Start(ct);
        _collector = _node.Collector(Source);
        var random = new Random(1);
        var start = TimeProvider.System.GetUtcNow().AddDays(-1);
        for (var i = 0; i < Samplings; i++)
        {
            var points = Enumerable
                .Range(0, Series)
                .Select(m => new MetricPoint { Name = $"m{m}", Value = Math.Round(random.NextDouble() * 100, 2) });
            await SourceNode.Tell(_collector, Source, start.AddSeconds(30 * i), points, ct);
        }

        _peer = Process.Start(
            new ProcessStartInfo("python3", ["-c", Script, _file])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        await _peer.StandardOutput.ReadLineAsync(ct);
        await Milliseconds(300, 288, ct);
        _stepMilliseconds = await Milliseconds(300, 288, ct);
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        _milliseconds = await Milliseconds(0, Samplings, ct);
        return Questions;
    }

    public async Task<long> RunPeer(CancellationToken ct)
    {
        for (var i = 0; i < Questions; i++)
        {
            await _peer.StandardInput.WriteLineAsync("?");
            await _peer.StandardInput.FlushAsync(ct);
            if (await _peer.StandardOutput.ReadLineAsync(ct) != $"{Samplings}")
            {
                throw new InvalidOperationException("the Python peer failed");
            }
        }

        return Questions;
    }

    public async Task TearDown()
    {
        _peer.Kill();
        _peer.Dispose();
        await _node.DisposeAsync();
        File.Delete(_file);
    }

    private async Task<double> Milliseconds(double step, int least, CancellationToken ct)
    {
        var clock = Stopwatch.GetTimestamp();
        for (var i = 0; i < Questions; i++)
        {
            var reply = await _collector.Ask<ManySeriesReply>(
                new GetManySeries { SourceId = Source, StepSeconds = step },
                ct
            );
            if (reply.Series.Count != Series || reply.UnixMs.Count < least)
            {
                throw new InvalidOperationException($"a question is answered with {reply.UnixMs.Count} times");
            }
        }

        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds / Questions;
    }
}
