using System.Diagnostics;
using System.Globalization;
using System.Text;
using MathNet.Numerics;
using Ralm.Datasets.Preparation;
using Ralm.Models.Training;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Training;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// What rows and batch size do to the rate of training, and rows to its memory: curves, with the exponent of a power law
/// through their points. Whether anything bends is said in words.
/// </summary>
public sealed class TSTrainingScale : IFigures
{
    private const int BatchSize = 512;
    private const double Tolerance = 0.1;

    private static readonly int[] Rows = [10_000, 100_000, 1_000_000, 10_000_000];
    private static readonly int[] BatchSizes = [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192];

    /// <summary>Of an epoch, or of as many as fit: rows come in random order, so a part of them is as good as all.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    private const int EachSize = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;

    public string Id => "TS";

    public Task<string> Run(CancellationToken ct) => Task.Run(() => Measure(ct), ct);

    private string Measure(CancellationToken ct)
    {
        try
        {
            _ = Train(Prepared(Rows[0]), BatchSize, ct);
            var rows = Rounds(Rows, n => Train(Prepared(n), BatchSize, ct));
            var batches = Rounds(BatchSizes, n => Train(Prepared(1_000_000), n, ct));
            return Text(rows, batches);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>
    /// All sizes in turn, some times over: what the machine does beside it meets all of them. Memory is the least of each
    /// size's: what a larger one has left behind is not its own.
    /// </summary>
    private static List<(int Size, Point Point)> Rounds(int[] sizes, Func<int, Point> train)
    {
        var measured = Enumerable.Range(0, EachSize).Select(_ => sizes.Select(train).ToArray()).ToArray();
        return
        [
            .. sizes.Select(
                (size, k) =>
                    (
                        size,
                        new Point(
                            Median(measured.Select(m => m[k].Rate)),
                            Median(measured.Select(m => m[k].CpuRate)),
                            measured.Min(m => m[k].PeakMb)
                        )
                    )
            ),
        ];
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(EachSize / 2);

    /// <summary>On disk, as a run finds it.</summary>
    private string Prepared(int rows)
    {
        var folder = Path.Combine(_folder, $"{rows}");
        if (!Directory.Exists(folder))
        {
            Console.Error.Write($"{rows:N0} rows ");
            SyntheticDataset.WritePrepared(Directory.CreateDirectory(folder).FullName, rows * 10 / 9);
        }

        return folder;
    }

    private static Point Train(string folder, int batchSize, CancellationToken ct)
    {
        PeakMemory.Forget();
        var config = T2TrainingByMessages.RunOf(batchSize).Config;
        using var session = new TrainingSession(config, PreparedDataset.Open(folder), checkpoint: null, "cpu");
        var (rows, cpu, clock) = (0L, Measurement.CpuOf("self"), Stopwatch.StartNew());
        for (var epoch = 1; clock.Elapsed < Long; epoch++)
        {
            var order = new RowPermutation(session.TrainRows, RandomStream.ForEpoch(0, epoch));
            for (var batch = 0; batch * (long)batchSize < session.TrainRows && clock.Elapsed < Long; batch++)
            {
                ct.ThrowIfCancellationRequested();
                var places = order.Batch(batch, batchSize);
                session.Train(epoch, batch, places);
                rows += places.Length;
            }
        }

        var point = new Point(
            rows / clock.Elapsed.TotalSeconds,
            rows / (Measurement.CpuOf("self") - cpu),
            PeakMemory.OfMb("self")
        );
        Console.Error.Write($"{point.Rate:N0}/s {point.PeakMb:N0} MB ");
        return point;
    }

    private static string Text(List<(int Size, Point Point)> rows, List<(int Size, Point Point)> batches)
    {
        var text = new StringBuilder();
        var median = rows.Select(r => r.Point.CpuRate).Order().ElementAt(rows.Count / 2);
        var furthest = rows.Max(r => Math.Abs((r.Point.CpuRate / median) - 1));
        text.Append(
            CultureInfo.InvariantCulture,
            $"Training rows, batches of {BatchSize}: the rate by CPU goes with rows to the power {Exponent(rows, p => p.CpuRate):F3}, and is at most {furthest:P0} off its median (must {Tolerance:P0}, {Judged(furthest <= Tolerance)}). "
        );
        var (smallest, largest) = (rows[0], rows[^1]);
        var bytes = (largest.Point.PeakMb - smallest.Point.PeakMb) * 1024 * 1024 / (largest.Size - smallest.Size);
        text.Append(
            CultureInfo.InvariantCulture,
            $"Peak memory grows by {bytes:F0} bytes a row, mapped pages of files among them, which the system may take back.\n\n"
        );
        Table(text, "Training rows", rows);
        var fallen = batches.Zip(batches.Skip(1), (a, b) => 1 - (b.Point.CpuRate / a.Point.CpuRate)).Max();
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nBatch size, a million rows: the rate by CPU goes with it to the power {Exponent(batches, p => p.CpuRate):F3}; from one size to the next it never falls by more than {Math.Max(0, fallen):P0} (a knee would be {Tolerance:P0}: {(fallen <= Tolerance ? "none" : "FOUND")}).\n\n"
        );
        Table(text, "Batch size", batches);
        return text.ToString().TrimEnd();
    }

    private static void Table(StringBuilder text, string size, List<(int Size, Point Point)> points)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {size} | Examples/s | Examples per CPU second | Peak memory, MB |\n|---|---|---|---|\n"
        );
        foreach (var (n, point) in points)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {n:N0} | {point.Rate:N0} | {point.CpuRate:N0} | {point.PeakMb:N0} |\n"
            );
        }
    }

    private static double Exponent(List<(int Size, Point Point)> points, Func<Point, double> of) =>
        Fit.Line([.. points.Select(p => Math.Log(p.Size))], [.. points.Select(p => Math.Log(of(p.Point)))]).B;

    private static string Judged(bool holds) => holds ? "reached" : "MISSED";

    /// <param name="Rate">Examples a second.</param>
    /// <param name="CpuRate">Examples a second of CPU: what is judged, since other work on the machine counts less.</param>
    private sealed record Point(double Rate, double CpuRate, double PeakMb);
}
