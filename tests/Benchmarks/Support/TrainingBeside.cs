using Akka.Actor;
using Ralm.Models.Artifacts;
using RalmActors.Benchmarks.Rows;
using RalmActors.Trainer.Actors;

namespace RalmActors.Benchmarks.Support;

/// <summary>A trainer of the node that trains as in a run.</summary>
public sealed class TrainingBeside : IAsyncDisposable
{
    private const int Rows = 20_000;
    private const int BatchSize = 512;

    private readonly CancellationTokenSource _ended = new();
    private readonly IActorRef _trainer;
    private readonly ActorSystem _system;
    private Task _training = Task.CompletedTask;
    private int _epoch;

    private TrainingBeside(ActorSystem system, IActorRef trainer) => (_system, _trainer) = (system, trainer);

    public static async Task<TrainingBeside> Start(ActorSystem system, string folder, CancellationToken ct)
    {
        var data = SyntheticDataset.Make(Rows * 10 / 9);
        var trainer = system.ActorOf(DeviceActor.Props(new ArtifactStore(folder), open: _ => data));
        await trainer.Ask<TrainingSessionOpened>(
            new OpenTrainingSession("beside", "s", T2TrainingByMessages.RunOf(BatchSize), null),
            ct
        );
        return new TrainingBeside(system, trainer);
    }

    /// <summary>After the epoch that is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _training;
        await _trainer.GracefulStop(TimeSpan.FromSeconds(30));
        _ended.Dispose();
    }

    /// <summary>From now on without a pause, until it is disposed of.</summary>
    public void Begin() =>
        _training = Task.Run(async () =>
        {
            while (!_ended.IsCancellationRequested)
            {
                await Epochs(1);
            }
        });

    /// <returns>Rows trained.</returns>
    public async Task<long> Epochs(int count)
    {
        for (var k = 0; k < count; k++)
        {
            var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var number = ++_epoch;
            _system.ActorOf(Props.Create(() => new EpochFeeder(_trainer, "beside", number, Rows, BatchSize, done, 4)));
            await done.Task;
        }

        return (long)count * Rows;
    }
}
