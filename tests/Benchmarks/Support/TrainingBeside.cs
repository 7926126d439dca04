using Akka.Actor;
using Ralm.Models.Artifacts;
using RalmActors.Benchmarks.Rows;
using RalmActors.Trainer.Actors;

namespace RalmActors.Benchmarks.Support;

/// <summary>A trainer of the node trains without a pause until it is told to end, as in a run.</summary>
public sealed class TrainingBeside : IAsyncDisposable
{
    private const int Rows = 20_000;
    private const int BatchSize = 512;

    private readonly CancellationTokenSource _ended = new();
    private readonly IActorRef _trainer;
    private readonly ActorSystem _system;
    private readonly Task _training;

    private TrainingBeside(ActorSystem system, IActorRef trainer)
    {
        (_system, _trainer) = (system, trainer);
        _training = Task.Run(Train);
    }

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

    private async Task Train()
    {
        for (var epoch = 1; !_ended.IsCancellationRequested; epoch++)
        {
            var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var number = epoch;
            _system.ActorOf(Props.Create(() => new EpochFeeder(_trainer, "beside", number, Rows, BatchSize, done, 4)));
            await done.Task;
        }
    }
}
