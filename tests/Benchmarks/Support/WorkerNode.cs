using System.Diagnostics;
using Akka.Actor;
using Akka.Hosting;
using Ralm.Models.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.Benchmarks.Support;

/// <summary>Another process of this machine that hosts workers for runs of the benchmark's.</summary>
public sealed class WorkerNode : IDisposable
{
    /// <summary>Makes this program such a process.</summary>
    public const string Verb = "worker-node";

    private readonly Process _process;

    private WorkerNode(Process process, Address address) => (_process, Address) = (process, address);

    public Address Address { get; }

    public double CpuSeconds => Measurement.CpuOf($"{_process.Id}");

    public static async Task<WorkerNode> Start(int rows, CancellationToken ct)
    {
        var process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [Verb, $"{rows}"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
            }
        )!;
        var address = await process.StandardOutput.ReadLineAsync(ct);
        return new WorkerNode(
            process,
            Address.Parse(address ?? throw new InvalidOperationException("the worker's node ended"))
        );
    }

    /// <summary>Says where it is, and serves until its parent ends or says so.</summary>
    public static async Task Serve(int rows)
    {
        var data = SyntheticDataset.Make(rows);
        await using var node = await BenchNode.Start(
            akka => akka.AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Prepend),
            CancellationToken.None
        );
        node.System.ActorOf(TrainingWorkersActor.Props(new DatasetCache(_ => data), "cpu"), TrainingWorkersActor.Name);
        Console.WriteLine(((ExtendedActorSystem)node.System).Provider.DefaultAddress);
        await Console.In.ReadToEndAsync();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
