using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Hosting;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Schedules;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// An epoch of RALM's ranking with 20 clusters of seeds a candidate, against PyTorch on one thread: the same model,
/// optimiser, batches and shapes. The peer is spared what the product does once an epoch (representing everyone,
/// clustering) and finds in a table which cluster a row's own response is in.
/// </summary>
public sealed class T6SeededTrainingAgainstTorch : IComparison, IDisposable
{
    private const int TrainRows = 90_000;
    private const int BatchSize = 512;
    private const int Candidates = 1_000;
    private const int Clusters = 20;

    private const string Model = """
        from torch.nn import functional as F
        clusters = 20
        own = read('own_cluster.i32', '<i4').long()
        people = torch.randn(len(users), 64)
        asked = label[:rows] >= .5
        slot = ii[:rows][asked] * clusters + own[:rows][asked]
        sums = torch.zeros(len(items) * clusters, 64).index_add_(0, slot, people[ui[:rows][asked]]).view(-1, clusters, 64)
        sizes = torch.zeros(len(items) * clusters).index_add_(0, slot, torch.ones(len(slot))).view(-1, clusters)
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.transform, self.slope = nn.Linear(64, 64), nn.Parameter(torch.tensor([.25]))
                self.local, self.sharp = nn.Parameter(torch.eye(64)), nn.Parameter(torch.tensor([4.]))
                self.own, self.query = nn.Linear(64, 64, bias=False), nn.Linear(64, 1, bias=False)
                self.user, self.item = nn.Linear(64, 64), nn.Linear(64, 64)
                self.output = nn.Sequential(nn.Dropout(.3), nn.Linear(197, 64), nn.ReLU(), nn.Dropout(.3), nn.Linear(64, 1))
                self.wide = nn.Linear(5, 1, bias=False)
            def compared(self, x):
                x = F.normalize(x, dim=-1, eps=1e-3)
                return F.prelu(F.linear(x, self.transform.weight * 8, self.transform.bias), self.slope)
            def forward(self, u, i, person, centres, log_sizes, count):
                target, s = F.normalize(self.compared(person), dim=-1, eps=1e-3), self.compared(centres)
                near = (F.normalize(s, dim=-1, eps=1e-3) @ (target @ self.local).unsqueeze(-1)).squeeze(-1).tanh() * self.sharp
                pool = lambda score: ((score + log_sizes).softmax(1).unsqueeze(1) @ s).squeeze(1)
                cos = lambda x: (F.normalize(x, dim=-1, eps=1e-3) * target).sum(1, keepdim=True)
                local, world = cos(pool(near)), cos(pool(self.query(self.own(s).tanh()).squeeze(-1)))
                weight = count / (count + 10)
                alike = torch.cat((3 * weight * (.7 * local + .3 * world), 3 * weight * local, 3 * weight * world, (count + 1).log() / 3, weight), 1)
                wide = alike * (torch.rand(len(u), 1) >= .1)
                user, item = self.user(u), self.item(i)
                return (self.output(torch.cat((user, item, user * item, wide), 1)) + self.wide(wide)).squeeze(1)
        model, loss_of = Model(), nn.BCEWithLogitsLoss()
        adam = torch.optim.Adam(model.parameters(), lr=5e-4, weight_decay=50 / rows)
        def logits(b):
            user, candidate, hit = ui[b], ii[b], label[b] >= .5
            size, centre, person = sizes[candidate], sums[candidate], people[user]
            k, c = hit.nonzero().squeeze(1), own[b][hit]
            size[k, c] -= 1; centre[k, c] -= person[k]
            centre = centre / size.clamp(min=1).unsqueeze(-1) * (size > 0).unsqueeze(-1)
            log_size = torch.where(size > 0, size.clamp(min=1).log(), torch.tensor(-1e4))
            return model(users[user], items[candidate], person, centre, log_size, size.sum(1, keepdim=True))
        """;

    private static readonly TrainingStarted Run = new()
    {
        DatasetPath = "synthetic",
        DatasetHash = SyntheticDataset.Hash,
        Config = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Model = "Ralm", SeedClusters = Clusters },
                BatchSize = BatchSize,
                RepresentationEpochs = -1,
            }
        ),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly TorchPeer _peer = new();
    private TestHost? _node;
    private IActorRef? _trainer;
    private int _epoch;
    private double _loss;

    public string Id => "T6";
    public string Unit => "examples";
    public string Product => "Ralm's ranking by the trainer actor, batch 512, 64 + 64 features, 20 clusters of seeds";
    public string Peer => "PyTorch, one thread, the same model";
    public double Must => 1;
    public double Stretch => 1.5;
    public string? Missing => _peer.Missing;
    public double PeerCpuSeconds => _peer.CpuSeconds;

    public string Note =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Judge the ratio by CPU. Peer: {_peer.Describe}; its training loss after the last round is {_loss:F4}. Everyone's representation and the clusters, made anew every epoch, are in the product's time alone."
        );

    public async Task SetUp(CancellationToken ct)
    {
        var rows = TrainRows * 10 / 9;
        var data = SyntheticDataset.Make(rows, candidates: Candidates);
        SyntheticDataset.Write(_folder, rows, candidates: Candidates);
        WriteClusters(data);
        await _peer.Open(Model, _folder, TrainRows, ct);
        if (Missing is not null)
        {
            return;
        }

        _node = await BenchNode.Start(akka => akka.AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Prepend), ct);
        _trainer = _node.System.ActorOf(DeviceActor.Props(new ArtifactStore(_folder), open: _ => data));
        await _trainer.Ask<TrainingSessionOpened>(new OpenTrainingSession("bench", "s", Run, null), ct);
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (trainer, epoch) = (_trainer!, ++_epoch);
        _node!.System.ActorOf(Props.Create(() => new EpochFeeder(trainer, "bench", epoch, TrainRows, BatchSize, done)));
        return await done.Task.WaitAsync(ct);
    }

    public async Task<long> RunPeer(CancellationToken ct)
    {
        _loss = await _peer.Epoch(ct);
        return TrainRows;
    }

    public async Task TearDown()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        await _peer.Close();
        Dispose();
    }

    public void Dispose()
    {
        _peer.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Per row, a cluster of its candidate: which does not matter to the time it takes.</summary>
    private void WriteClusters(PreparedDataset data)
    {
        int[] own = [.. Enumerable.Range(0, data.Meta.Rows).Select(row => data.UserOf(row) % Clusters)];
        File.WriteAllBytes(Path.Combine(_folder, "own_cluster.i32"), MemoryMarshal.AsBytes(own.AsSpan()).ToArray());
    }
}
