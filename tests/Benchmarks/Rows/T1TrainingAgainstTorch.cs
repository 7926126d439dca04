using System.Diagnostics;
using System.Globalization;
using RalmActors.Benchmarks.Support;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// An epoch by the trainer actor, against PyTorch on one thread: the same model, optimiser, batches and bytes. The CPU ratio
/// is the one that counts: a node's trainer has one core.
/// </summary>
public sealed class T1TrainingAgainstTorch : IComparison, IDisposable
{
    /// <summary>Debian's torch takes whichever BLAS is found; the reference one is several times slower and proves nothing.</summary>
    private const string OpenBlas = "/usr/lib/x86_64-linux-gnu/openblas-pthread";

    private const string Service = """
        import sys, time
        try:
            import numpy as np, torch
            from torch import nn
        except ImportError as e:
            print(f'missing {e.name}', flush=True); raise SystemExit
        torch.set_num_threads(1); torch.manual_seed(7)
        folder, rows = sys.argv[1], int(sys.argv[2])
        read = lambda name, kind: torch.from_numpy(np.fromfile(f'{folder}/{name}', kind))
        users, items = read('users.f32', '<f4').view(-1, 64), read('candidates.f32', '<f4').view(-1, 64)
        ui, ii = read('user_index.i32', '<i4').long(), read('candidate_index.i32', '<i4').long()
        label = read('label.f32', '<f4')
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                tower = lambda: nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(.1), nn.Linear(128, 64))
                self.user, self.item = tower(), tower()
                self.attention = nn.MultiheadAttention(64, 4, batch_first=True)
                self.output = nn.Sequential(nn.Linear(192, 64), nn.ReLU(), nn.Dropout(.1), nn.Linear(64, 1))
            def forward(self, u, i):
                u, i = self.user(u), self.item(i)
                both = torch.stack((u, i), 1)
                seen, _ = self.attention(both, both, both, need_weights=False)
                return self.output(torch.cat((seen.flatten(1), u * i), 1)).squeeze(1)
        model, loss_of = Model(), nn.BCEWithLogitsLoss()
        adam = torch.optim.Adam(model.parameters(), lr=1e-3)
        blas = 'OpenBLAS' if any('openblas' in line for line in open('/proc/self/maps')) else 'mkl' if torch.backends.mkl.is_available() else 'a reference BLAS'
        print(f'ready torch {torch.__version__} on {blas}', flush=True)
        for go in sys.stdin:
            total = 0.
            order = torch.randperm(rows)
            for start in range(0, rows, 512):
                b = order[start:start + 512]
                adam.zero_grad()
                loss = loss_of(model(users[ui[b]], items[ii[b]]), label[b])
                loss.backward(); adam.step(); total += loss.item() * len(b)
            print(total / rows, flush=True)
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly T2TrainingByMessages _product = new();
    private Process? _python;
    private string _peer = "";
    private double _loss;
    private double _ownPeak;
    private double _peerPeak;

    public string Id => "T1";
    public string Unit => "examples";
    public string Product => "trainer actor fed by messages, batch 512, 64 + 64 features";
    public string Peer => "PyTorch, one thread, whole-batch gather";
    public double Must => 1;
    public double Stretch => 1.5;
    public string? Missing { get; private set; }
    public double PeerCpuSeconds => _python is null ? 0 : Measurement.CpuOf($"{_python.Id}");

    public string Note =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Judge the ratio by CPU. Peer: {_peer}; its training loss after the last round is {_loss:F4}. T5, peak memory: {_ownPeak:N0} MB of this whole process (alone only when no other row ran before) against {_peerPeak:N0} MB, {_ownPeak / _peerPeak:F2} times (must 1.2, stretch 1.0)."
        );

    public async Task SetUp(CancellationToken ct)
    {
        SyntheticDataset.Write(_folder, T2TrainingByMessages.TrainRows * 10 / 9);
        try
        {
            _python = Process.Start(Python())!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Missing = "no python3";
            return;
        }

        _peer = await _python.StandardOutput.ReadLineAsync(ct) ?? "";
        if (!_peer.StartsWith("ready ", StringComparison.Ordinal))
        {
            Missing =
                $"the peer is {_peer}; on Debian: apt-get install python3-torch python3-numpy libopenblas0-pthread";
            return;
        }

        _peer = _peer["ready ".Length..];
        await _product.SetUp(ct);
    }

    public Task<long> RunProduct(CancellationToken ct) => _product.RunProduct(ct);

    public async Task<long> RunPeer(CancellationToken ct)
    {
        await _python!.StandardInput.WriteLineAsync("go");
        var line = await _python.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("no answer");
        _loss = double.Parse(line, CultureInfo.InvariantCulture);
        (_ownPeak, _peerPeak) = (PeakMb("self"), PeakMb($"{_python.Id}"));
        return T2TrainingByMessages.TrainRows;
    }

    public async Task TearDown()
    {
        if (Missing is null)
        {
            await _product.TearDown();
        }

        if (_python is not null)
        {
            _python.StandardInput.Close();
            await _python.WaitForExitAsync();
        }

        Dispose();
    }

    public void Dispose()
    {
        _python?.Dispose();
        _product.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static double PeakMb(string process)
    {
        var file = $"/proc/{process}/status";
        return File.Exists(file)
            ? double.Parse(
                File.ReadLines(file).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ')[^2],
                CultureInfo.InvariantCulture
            ) / 1024
            : double.NaN;
    }

    private ProcessStartInfo Python()
    {
        string[] arguments = ["-c", Service, _folder, $"{T2TrainingByMessages.TrainRows}"];
        var start = new ProcessStartInfo("/usr/bin/python3", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        (start.Environment["OMP_NUM_THREADS"], start.Environment["OPENBLAS_NUM_THREADS"]) = ("1", "1");
        if (Directory.Exists(OpenBlas))
        {
            start.Environment["LD_LIBRARY_PATH"] = OpenBlas;
        }

        return start;
    }
}
