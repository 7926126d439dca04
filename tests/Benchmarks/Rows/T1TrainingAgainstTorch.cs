using System.Globalization;
using RalmActors.Benchmarks.Support;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// An epoch by the trainer actor, against PyTorch on one thread: the same model, optimiser, batches and bytes. The CPU ratio
/// is the one that counts: a node's trainer has one core.
/// </summary>
public sealed class T1TrainingAgainstTorch : IComparison, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly T2TrainingByMessages _product = new();
    private TorchPeer? _peer;
    private double _loss;

    public string Id => "T1";
    public string Unit => "examples";
    public string Product => "trainer actor fed by messages, batch 512, 64 + 64 features";
    public string Peer => "PyTorch, one thread, whole-batch gather";
    public double Must => 1;
    public double Stretch => 1.5;
    public string? Missing => _peer?.Missing;
    public double PeerCpuSeconds => _peer?.CpuSeconds ?? 0;

    public string Note =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Judge the ratio by CPU. Peer: {_peer?.Name}; its training loss after the last round is {_loss:F4}."
        );

    public async Task SetUp(CancellationToken ct)
    {
        SyntheticDataset.Write(_folder, T2TrainingByMessages.TrainRows * 10 / 9);
        _peer = await TorchPeer.Start(_folder, T2TrainingByMessages.TrainRows, ct);
        if (Missing is null)
        {
            await _product.SetUp(ct);
        }
    }

    public Task<long> RunProduct(CancellationToken ct) => _product.RunProduct(ct);

    public async Task<long> RunPeer(CancellationToken ct)
    {
        _loss = double.Parse(await _peer!.Ask("go", ct), CultureInfo.InvariantCulture);
        return T2TrainingByMessages.TrainRows;
    }

    public async Task TearDown()
    {
        if (Missing is null)
        {
            await _product.TearDown();
        }

        await _peer!.Stop();
        Dispose();
    }

    public void Dispose()
    {
        _peer?.Dispose();
        _product.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
