using System.Diagnostics;
using System.Globalization;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.Benchmarks.Rows;

/// <summary>Chi-square, effect sizes and a recommendation from a thousand samples, against SciPy doing the same.</summary>
public sealed class A3Analysis : IComparison
{
    private const int Tables = 2000;
    private const int Repeats = 100;
    private const int PerArm = 500;

    private const string Service = """
        import sys
        import numpy as np
        from scipy.stats import chi2_contingency
        def analyse(t):
            chi2, p, dof, exp = chi2_contingency(t)
            pa, pb = t[0][0] / 500, t[1][0] / 500
            h = 2 * np.arcsin(np.sqrt(pa)) - 2 * np.arcsin(np.sqrt(pb)); v = np.sqrt(chi2 / 1000)
            return p, ('keep' if p > .05 else 'A' if pa > pb else 'B'), h, v
        tables = [[[a, 500 - a], [b, 500 - b]] for a, b in (map(int, line.split()) for line in sys.stdin.readline().split(','))]
        print('ready', flush=True)
        for go in sys.stdin:
            print(' '.join(repr(float(p)) for p, *_ in [analyse(t) for t in tables]), flush=True)
        """;

    private readonly (int A, int B)[] _tables = Draw();
    private readonly double[] _p = new double[Tables];
    private Process? _python;
    private double _worst;
    private double _verdict;

    public string Id => "A3";
    public string Unit => "analyses";
    public string Product => "chi-square, Cohen's h, Cramer's V, recommendation";
    public string Peer => "SciPy, the same";
    public double Must => 50;
    public double Stretch => 500;

    public string Note =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"p-values differ by {_worst:E1} at most, relatively. A whole verdict (intervals, Fisher, posterior, split check) takes {_verdict:F0} us."
        );

    public double PeerCpuSeconds => _python is null ? 0 : Measurement.CpuOf($"{_python.Id}");

    public async Task SetUp(CancellationToken ct)
    {
        _python = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", ["-c", Service])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        await _python.StandardInput.WriteLineAsync(string.Join(",", _tables.Select(t => $"{t.A} {t.B}")));
        if (await _python.StandardOutput.ReadLineAsync(ct) != "ready")
        {
            throw new InvalidOperationException("the Python peer needs numpy and scipy");
        }

        _verdict = MeasureVerdict();
    }

    public Task<long> RunProduct(CancellationToken ct)
    {
        var (winners, sizes) = (0L, 0.0);
        for (var r = 0; r < Repeats; r++)
        {
            for (var i = 0; i < Tables; i++)
            {
                var two = new TwoProportions(new(_tables[i].A, PerArm), new(_tables[i].B, PerArm));
                var test = two.Table.Yates();
                _p[i] = test.P;
                sizes += Math.Abs(two.CohenH) + Math.Sqrt(test.Statistic / (2 * PerArm));
                winners += test.P > 0.05 ? 0 : 1;
            }
        }

        return Task.FromResult(winners > 0 && sizes > 0 ? (long)Repeats * Tables : 0);
    }

    public async Task<long> RunPeer(CancellationToken ct)
    {
        await _python!.StandardInput.WriteLineAsync("go");
        var line = await _python.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("no answer");
        var theirs = line.Split(' ').Select(p => double.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        _worst = theirs.Zip(_p, (t, p) => Math.Abs(t - p) / t).Max();
        return _worst < 1e-9 ? Tables : throw new InvalidOperationException($"p-values differ by {_worst:E1}");
    }

    public async Task TearDown()
    {
        if (_python is not null)
        {
            _python.StandardInput.Close();
            await _python.WaitForExitAsync();
            _python.Dispose();
        }
    }

    private static (int A, int B)[] Draw()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, Tables).Select(_ => (random.Next(20, 200), random.Next(20, 200)))];
    }

    private static double MeasureVerdict()
    {
        var test = ExperimentState
            .Empty("t")
            .Apply(
                new ExperimentCreated
                {
                    Definition = new ExperimentDefinition
                    {
                        Metric = "match",
                        Metrics =
                        {
                            new Metric { Name = "match", Kind = MetricKind.Binary },
                        },
                        Arms =
                        {
                            new Arm { Name = "a", Weight = 5000 },
                            new Arm { Name = "b", Weight = 5000 },
                        },
                        Alpha = 0.05,
                        Power = 0.8,
                        Method = Method.AlwaysValid,
                        TunedFor = 5000,
                        ExpectedEffect = 0.02,
                        Cells = 16,
                    },
                }
            )
            .Apply(new CellReported { Revision = 1, Arms = { Arm("a", 50), Arm("b", 70) } });
        var watch = Stopwatch.StartNew();
        const int Verdicts = 500;
        for (var i = 0; i < Verdicts; i++)
        {
            _ = test.Answer(new GetVerdict { ExperimentId = "t" });
        }

        return watch.Elapsed.TotalMicroseconds / Verdicts;
    }

    private static ArmStatistics Arm(string name, long converted) =>
        new()
        {
            Phase = 1,
            Arm = name,
            Metric = "match",
            Units = PerArm,
            Converted = converted,
            Sums = new ExactSums { Y = $"{converted}000000", YSquared = $"{converted}000000000000" },
        };
}
