using RalmActors.Benchmarks.Support;

namespace RalmActors.Benchmarks.Rows;

/// <summary>What a trainer gets of the machine while samples arrive, against what it gets alone.</summary>
public sealed class O3UpdatesUnderLoad : IComparison, IDisposable
{
    private const int PerSecond = 1_000;
    private const int Epochs = 4;
    private const int WarmUp = 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private SampleNode? _node;
    private TrainingBeside? _training;
    private int _round;

    public string Id => "O3";
    public string Unit => "rows";
    public string Product => $"rows trained while 1,000 users send {PerSecond:N0} samples a second";
    public string Peer => "rows trained while nobody sends";
    public double Must => 0.8;
    public double Stretch => 0.95;

    public async Task SetUp(CancellationToken ct)
    {
        _node = await SampleNode.Start(_folder, ct);
        await InFlight.Run(WarmUp, 128, i => _node.Send($"warm-{i}", i, ct));
        _training = await TrainingBeside.Start(_node.System, Path.Combine(_folder, "beside"), ct);
        await _training.Epochs(2);
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var round = ++_round;
        using var ended = new CancellationTokenSource();
        var load = Load(round, ended.Token);
        var rows = await _training!.Epochs(Epochs);
        await ended.CancelAsync();
        await load;
        return rows;
    }

    public Task<long> RunPeer(CancellationToken ct) => _training!.Epochs(Epochs);

    public async Task TearDown()
    {
        await _training!.DisposeAsync();
        await _node!.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>A second of samples after the other; the answers are waited for, so that a round leaves nothing to the next.</summary>
    private async Task Load(int round, CancellationToken ended)
    {
        for (var second = 0; !ended.IsCancellationRequested; second++)
        {
            var at = second * PerSecond;
            await OpenLoop.Run(
                PerSecond,
                PerSecond,
                (i, _) =>
                    ended.IsCancellationRequested
                        ? Task.CompletedTask
                        : _node!.Send($"{round}-{at + i}", at + i, CancellationToken.None)
            );
        }
    }
}
