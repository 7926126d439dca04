using System.Diagnostics;
using System.Globalization;

namespace RalmActors.Benchmarks.Support;

/// <summary>A PyTorch program on one thread: it says that it is ready, and answers every line with its loss after an epoch.</summary>
public sealed class TorchPeer : IDisposable
{
    /// <summary>Debian's torch takes whichever BLAS is found; the reference one is several times slower and proves nothing.</summary>
    private const string OpenBlas = "/usr/lib/x86_64-linux-gnu/openblas-pthread";

    private const string Start = """
        import sys
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

        """;

    private const string Epochs = """

        blas = 'OpenBLAS' if any('openblas' in line for line in open('/proc/self/maps')) else 'mkl' if torch.backends.mkl.is_available() else 'a reference BLAS'
        print(f'ready torch {torch.__version__} on {blas}', flush=True)
        for go in sys.stdin:
            total = 0.
            order = torch.randperm(rows)
            for start in range(0, rows, 512):
                b = order[start:start + 512]
                adam.zero_grad()
                loss = loss_of(logits(b), label[b])
                loss.backward(); adam.step(); total += loss.item() * len(b)
            print(total / rows, flush=True)
        """;

    private Process? _python;

    /// <summary>torch and its BLAS.</summary>
    public string Describe { get; private set; } = "";

    public string? Missing { get; private set; }

    public double CpuSeconds => _python is null ? 0 : Measurement.CpuOf($"{_python.Id}");

    public double PeakMb => Peak($"{_python!.Id}");

    public static double OwnPeakMb => Peak("self");

    /// <param name="model">Python that defines <c>logits(rows)</c>, <c>loss_of</c> and <c>adam</c>.</param>
    /// <param name="folder">Where <see cref="SyntheticDataset.Write"/> has written.</param>
    public async Task Open(string model, string folder, int rows, CancellationToken ct)
    {
        try
        {
            _python = Process.Start(Python(Start + model + Epochs, folder, rows))!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Missing = "no python3";
            return;
        }

        var answer = await _python.StandardOutput.ReadLineAsync(ct) ?? "";
        if (!answer.StartsWith("ready ", StringComparison.Ordinal))
        {
            Missing =
                $"the peer is {answer}; on Debian: apt-get install python3-torch python3-numpy libopenblas0-pthread";
            return;
        }

        Describe = answer["ready ".Length..];
    }

    /// <returns>The epoch's loss.</returns>
    public async Task<double> Epoch(CancellationToken ct)
    {
        await _python!.StandardInput.WriteLineAsync("go");
        var line = await _python.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("no answer");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    public async Task Close()
    {
        if (_python is not null)
        {
            _python.StandardInput.Close();
            await _python.WaitForExitAsync();
        }
    }

    public void Dispose() => _python?.Dispose();

    private static double Peak(string process)
    {
        var file = $"/proc/{process}/status";
        return File.Exists(file)
            ? double.Parse(
                File.ReadLines(file).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ')[^2],
                CultureInfo.InvariantCulture
            ) / 1024
            : double.NaN;
    }

    private static ProcessStartInfo Python(string program, string folder, int rows)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", program, folder, $"{rows}"])
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
