using System.Diagnostics;
using Akka.Actor;
using HdrHistogram;
using Microsoft.Data.Sqlite;
using RalmActors.Benchmarks.Support;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using Serilog;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// Samples accepted durably by user entities of a whole node. The rounds measure saturation (closed loop); the note has
/// the latency of 1,000 users who send one sample a second each, on schedule, whether or not the last was answered.
/// </summary>
public sealed class O2AcceptedSamples : IComparison, IDisposable
{
    private const int Users = 1000;
    private const int Samples = 5000;
    private const int InFlightAtOnce = 128;
    private static readonly TimeSpan OpenLoop = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly SqliteJournal _raw = new();
    private RalmNode? _node;
    private IActorRef _users = ActorRefs.Nobody;
    private int _round;
    private string _note = "";

    public string Id => "O2";
    public string Unit => "samples";
    public string Product => "samples accepted by 1,000 user entities, SQLite, 128 in flight";
    public string Peer => "raw inserts of 1 a transaction, SQLite WAL synchronous=FULL";
    public double Must => 0.25;
    public double Stretch => 1;

    public string Note => _note;

    public IReadOnlyDictionary<string, double> Figures => _figures;

    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);

    public async Task SetUp(CancellationToken ct)
    {
        var settings = RalmSettings.Read(
            ProcessSettings.Written(
                new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["Node:DataPath"] = _folder,
                    ["Http:Urls"] = "http://127.0.0.1:0",
                }
            )
        );
        _node = await RalmNode.Start(
            settings,
            ct,
            app => app.Services.AddSerilog(new LoggerConfiguration().CreateLogger(), dispose: true)
        );
        _users = _node.Registry.Get<UserRegion>();
        using var connection = _raw.Open();
        SqliteJournal.Execute(connection, "CREATE TABLE journal(nr INTEGER PRIMARY KEY, message BLOB)");
    }

    public Task<long> RunProduct(CancellationToken ct)
    {
        var round = Interlocked.Increment(ref _round);
        return InFlight.Run(Samples, InFlightAtOnce, i => Send($"{round}-{i}", i % Users, i, ct));
    }

    public Task<long> RunPeer(CancellationToken ct)
    {
        using var connection = _raw.Open();
        var latency = new LongHistogram(60_000_000, 3);
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO journal(message) VALUES($message)";
        insert.Parameters.AddWithValue("$message", new byte[700]);
        for (var i = 0; i < Samples; i++)
        {
            var start = Stopwatch.GetTimestamp();
            insert.ExecuteNonQuery();
            latency.RecordValue(Microseconds(start));
        }

        _rawP99 = latency.GetValueAtPercentile(99) / 1000.0;
        return Task.FromResult((long)Samples);
    }

    private double _rawP99;

    public async Task TearDown()
    {
        _note = await Arrivals();
        await _node!.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        _raw.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Latency counts from the scheduled arrival, so that a stall is not hidden by the sender's waiting.</summary>
    private async Task<string> Arrivals()
    {
        var latency = new LongConcurrentHistogram(1, 60_000_000, 3);
        var total = (int)(Users * OpenLoop.TotalSeconds);
        var requests = new List<Task>(total);
        var before = await Rows();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < total; i++)
        {
            var due = start + (long)(i * (double)Stopwatch.Frequency / Users);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(1);
            }

            requests.Add(Arrive(i, due));
        }

        await Task.WhenAll(requests);
        var rowsPerSample = await RowsPerSample(before, total);
        foreach (var (name, at) in new[] { ("p50_ms", 50.0), ("p99_ms", 99.0), ("p999_ms", 99.9) })
        {
            _figures[name] = latency.GetValueAtPercentile(at) / 1000.0;
        }

        _figures["rows_per_sample"] = rowsPerSample;
        return $"Open loop, {Users} samples/s for {OpenLoop.TotalSeconds} s: accepted p50 "
            + $"{latency.GetValueAtPercentile(50) / 1000.0:F1} ms, p99 {latency.GetValueAtPercentile(99) / 1000.0:F1} ms "
            + $"(goal p99 10 ms), p99.9 {latency.GetValueAtPercentile(99.9) / 1000.0:F1} ms; {rowsPerSample:F2} journal rows a "
            + $"sample, half of them positive; a raw commit of one row: p99 {_rawP99:F1} ms.";

        async Task Arrive(int i, long due)
        {
            await Send($"open-{i}", i % Users, i, CancellationToken.None);
            latency.RecordValue(Microseconds(due));
        }
    }

    private async Task Send(string id, int user, int nr, CancellationToken ct)
    {
        var reply = await _users.Ask<CommandReply>(Sample(id, user, nr), TimeSpan.FromSeconds(60), ct);
        if (reply.Outcome != CommandOutcome.Accepted)
        {
            throw new InvalidOperationException($"{id}: {reply.Outcome} {reply.Rejection?.Rule}");
        }
    }

    private static long Microseconds(long since) =>
        Math.Clamp((long)Stopwatch.GetElapsedTime(since).TotalMicroseconds, 1, 60_000_000);

    /// <summary>Rows of all events that follow from the samples, once nothing follows any more.</summary>
    private async Task<double> RowsPerSample(long before, int samples)
    {
        var (last, now) = (-1L, await Rows());
        while (now != last)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            (last, now) = (now, await Rows());
        }

        return (now - before) / (double)samples;
    }

    private async Task<long> Rows()
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder, "ralm.db")};Mode=ReadOnly"
        );
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM journal";
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>Everybody meets everybody in turn, and likes every second one.</summary>
    private static RecordInteraction Sample(string id, int user, int nr) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            UserId = $"user-{user}",
            CandidateId = $"candidate-{(user + (nr / Users)) % Users}",
            User = Side(),
            Candidate = Side(),
            Label = ((nr / Users) + nr) % 2,
        };

    private static Features Side()
    {
        var side = new Features();
        side.Items.AddRange(Enumerable.Range(0, 10).Select(k => new Feature { Name = $"quiz_{k}", Number = k / 7.0 }));
        return side;
    }
}
