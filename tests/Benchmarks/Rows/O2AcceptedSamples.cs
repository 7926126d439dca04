using System.Diagnostics;
using HdrHistogram;
using Microsoft.Data.Sqlite;
using RalmActors.Benchmarks.Support;
using RalmActors.OnlineLearner.Actors;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// Samples accepted durably by user entities of a whole node. The rounds measure saturation (closed loop); the note has
/// the latency of 1,000 users who send one sample a second each, on schedule, whether or not the last was answered.
/// </summary>
public sealed class O2AcceptedSamples : IComparison, IDisposable
{
    private const int Samples = 20_000;

    /// <summary>Until the runtime has compiled what is hot: before, it takes half of the machine.</summary>
    private const int WarmUp = 150_000;
    private const int InFlightAtOnce = 128;
    private static readonly TimeSpan OpenLoopFor = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly SqliteJournal _raw = new();
    private SampleNode? _node;
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
        _node = await SampleNode.Start(_folder, ct);
        await InFlight.Run(WarmUp, InFlightAtOnce, i => _node.Send($"warm-{i}", i, ct));
        using var connection = _raw.Open();
        SqliteJournal.Execute(connection, "CREATE TABLE journal(nr INTEGER PRIMARY KEY, message BLOB)");
    }

    public Task<long> RunProduct(CancellationToken ct)
    {
        var round = Interlocked.Increment(ref _round);
        return InFlight.Run(Samples, InFlightAtOnce, i => _node!.Send($"{round}-{i}", i, ct));
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
        _note = await Arrivals(CancellationToken.None);
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

    /// <summary>The goals hold while the node trains. Latency counts from when a sample was due: a stall is not hidden.</summary>
    private async Task<string> Arrivals(CancellationToken ct)
    {
        var note = new List<string> { await Arrive("idle_", 1_000), await Arrive("idle_5000_", 5_000) };
        await using (var training = await TrainingBeside.Start(_node!.System, Path.Combine(_folder, "beside"), ct))
        {
            training.Begin();
            note.Add(await Arrive("", 1_000));
            using (new BusyDisk(_folder))
            {
                note.Add(await Arrive("disk_", 1_000));
            }
        }

        return $"Open loop for {OpenLoopFor.TotalSeconds} s, ms (p50 / p99 / p99.9 of each stage):\n\n"
            + "| | samples/s | queue | decide | journal | reply | whole | rows a sample | bytes a sample |\n|---|---|---|---|---|---|---|---|---|\n"
            + string.Join("\n", note)
            + $"\n\nHalf of the samples are positive. A raw commit of one row: p99 {_rawP99:F1} ms.";
    }

    /// <param name="condition">Opens the names of the figures.</param>
    private async Task<string> Arrive(string condition, int perSecond)
    {
        var total = (int)(perSecond * OpenLoopFor.TotalSeconds);
        var before = await Journal();
        using var times = StageTimes.Listen($"{condition}{perSecond}-", total);
        await OpenLoop.Run(
            perSecond,
            total,
            async (i, due) =>
            {
                await _node!.Send($"{condition}{perSecond}-{i}", i, CancellationToken.None);
                times.Answered(i, due);
            }
        );
        var (rows, bytes) = await PerSample(before, total);
        foreach (var (name, at) in new[] { ("p50_ms", 50.0), ("p99_ms", 99.0), ("p999_ms", 99.9) })
        {
            _figures[condition + name] = times.At(at);
        }

        _figures[$"{condition}rows_per_sample"] = rows;
        _figures[$"{condition}bytes_per_sample"] = bytes;
        var line = $"| {condition.TrimEnd('_')} | {perSecond} | {times} | {rows:F2} | {bytes:F0} |";
        Console.Error.WriteLine(line);
        return line;
    }

    private static long Microseconds(long since) =>
        Math.Clamp((long)Stopwatch.GetElapsedTime(since).TotalMicroseconds, 1, 60_000_000);

    /// <summary>Of all events that follow from the samples, once nothing follows any more.</summary>
    private async Task<(double Rows, double Bytes)> PerSample((long Rows, long Bytes) before, int samples)
    {
        var (last, now) = ((-1L, 0L), await Journal());
        while (now != last)
        {
            // What is held is journaled within this time.
            await Task.Delay(new OnlineLearnerOptions().HoldFor + TimeSpan.FromSeconds(1));
            (last, now) = (now, await Journal());
        }

        return ((now.Rows - before.Rows) / (double)samples, (now.Bytes - before.Bytes) / (double)samples);
    }

    private async Task<(long Rows, long Bytes)> Journal()
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder, "ralm.db")};Mode=ReadOnly"
        );
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*), SUM(LENGTH(message)) FROM journal";
        await using var row = await count.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
