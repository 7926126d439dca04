using System.Globalization;
using RalmActors.Benchmarks.Support;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// An epoch by the trainer actor, against PyTorch on one thread: the same model, optimiser, batches and bytes. The CPU ratio
/// is the one that counts: a node's trainer has one core.
/// </summary>
public sealed class T1TrainingAgainstTorch : IComparison, IDisposable
{
    private const string Model = """
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
        logits = lambda b: model(users[ui[b]], items[ii[b]])
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly T2TrainingByMessages _product = new();
    private readonly TorchPeer _peer = new();
    private double _loss;
    private double _ownPeak;
    private double _peerPeak;

    public string Id => "T1";
    public string Unit => "examples";
    public string Product => "trainer actor fed by messages, batch 512, 64 + 64 features";
    public string Peer => "PyTorch, one thread, whole-batch gather";
    public double Must => 1;
    public double Stretch => 1.5;
    public string? Missing => _peer.Missing;
    public double PeerCpuSeconds => _peer.CpuSeconds;

    public string Note =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Judge the ratio by CPU. Peer: {_peer.Describe}; its training loss after the last round is {_loss:F4}. T5, peak memory: {_ownPeak:N0} MB of this whole process (alone only when no other row ran before) against {_peerPeak:N0} MB, {_ownPeak / _peerPeak:F2} times (must 1.2, stretch 1.0)."
        );

    public async Task SetUp(CancellationToken ct)
    {
        SyntheticDataset.Write(_folder, T2TrainingByMessages.TrainRows * 10 / 9);
        await _peer.Open(Model, _folder, T2TrainingByMessages.TrainRows, ct);
        if (Missing is null)
        {
            await _product.SetUp(ct);
        }
    }

    public Task<long> RunProduct(CancellationToken ct) => _product.RunProduct(ct);

    public async Task<long> RunPeer(CancellationToken ct)
    {
        _loss = await _peer.Epoch(ct);
        (_ownPeak, _peerPeak) = (TorchPeer.OwnPeakMb, _peer.PeakMb);
        return T2TrainingByMessages.TrainRows;
    }

    public async Task TearDown()
    {
        if (Missing is null)
        {
            await _product.TearDown();
        }

        await _peer.Close();
        Dispose();
    }

    public void Dispose()
    {
        _peer.Dispose();
        _product.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
