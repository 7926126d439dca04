using System.Diagnostics;

namespace RalmActors.Benchmarks.Support;

/// <summary>
/// The reference model in PyTorch, on one thread, in a process of its own: it trains an epoch for every line "go" and
/// answers with its training loss; for "score" it writes the scores of the rows behind the training rows beside the data.
/// </summary>
public sealed class TorchPeer : IDisposable
{
    public const string Scores = "scores.f32";

    /// <summary>Debian's torch takes whichever BLAS is found; the reference one is several times slower and proves nothing.</summary>
    private const string OpenBlas = "/usr/lib/x86_64-linux-gnu/openblas-pthread";

    private const string Ready = "ready ";

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
        def score():
            model.eval()
            with torch.no_grad():
                parts = [model(users[ui[s:s + 8192]], items[ii[s:s + 8192]]).numpy() for s in range(rows, len(label), 8192)]
            model.train()
            np.concatenate(parts).astype('<f4').tofile(f'{folder}/scores.f32')
        print(f'ready torch {torch.__version__} on {blas}', flush=True)
        for line in sys.stdin:
            if line.strip() == 'score':
                score(); print('scored', flush=True); continue
            total = 0.
            order = torch.randperm(rows)
            for start in range(0, rows, 512):
                b = order[start:start + 512]
                adam.zero_grad()
                loss = loss_of(model(users[ui[b]], items[ii[b]]), label[b])
                loss.backward(); adam.step(); total += loss.item() * len(b)
            print(total / rows, flush=True)
        """;

    private readonly Process? _python;

    private TorchPeer(Process? python, string name, string? missing) =>
        (_python, Name, Missing) = (python, name, missing);

    /// <summary>Version and BLAS.</summary>
    public string Name { get; }

    /// <summary>Why there is none.</summary>
    public string? Missing { get; }

    public double CpuSeconds => _python is null ? 0 : Measurement.CpuOf($"{_python.Id}");

    public double PeakMb => PeakMemory.OfMb($"{_python!.Id}");

    /// <param name="folder">Raw little-endian arrays, training rows first.</param>
    public static async Task<TorchPeer> Start(string folder, int trainRows, CancellationToken ct)
    {
        Process python;
        try
        {
            python = Process.Start(Python(folder, trainRows))!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new TorchPeer(null, "", "no python3");
        }

        var said = await python.StandardOutput.ReadLineAsync(ct) ?? "";
        return said.StartsWith(Ready, StringComparison.Ordinal)
            ? new TorchPeer(python, said[Ready.Length..], null)
            : new TorchPeer(
                python,
                "",
                $"the peer is {said}; on Debian: apt-get install python3-torch python3-numpy libopenblas0-pthread"
            );
    }

    public async Task<string> Ask(string line, CancellationToken ct)
    {
        await _python!.StandardInput.WriteLineAsync(line);
        return await _python.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("no answer");
    }

    public async Task Stop()
    {
        if (_python is not null)
        {
            _python.StandardInput.Close();
            await _python.WaitForExitAsync();
        }
    }

    public void Dispose() => _python?.Dispose();

    private static ProcessStartInfo Python(string folder, int trainRows)
    {
        string[] arguments = ["-c", Service, folder, $"{trainRows}"];
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
