using System.Diagnostics;
using Ralm.Datasets.Preparation;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Figures, not verdicts; run by hand: <c>Cluster.Specs -explicit only -class "*TrainingMeasures" -showliveoutput</c>.
/// </summary>
public sealed class TrainingMeasures(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-measures-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    /// <summary>A million rows; commands over REST, from the request to the answer, in the middle of an epoch.</summary>
    [Fact(Explicit = true)]
    public async Task Cancelling_pausing_and_a_hundred_queued_runs_on_a_million_rows()
    {
        var data = AgeCity.Prepare(Path.Combine(_folder, "city"), users: 2_000, candidates: 500);
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName);
        await host.Start();
        foreach (var (model, workers) in ((string, int)[])[("TwoTowerMha", 1), ("TwoTowerMha", 2), ("Ralm", 1)])
        {
            var (pauses, cancels) = (new List<double>(), new List<double>());
            for (var k = 0; k < 5; k++)
            {
                var id = $"{model}-{workers}-{k}";
                await Start(host, id, data, model, workers);
                await Moving(host, id);
                pauses.Add(await Timed(host, $"/training/runs/{id}/pause", Pause(id)));
                await host.Accepted($"/training/runs/{id}/resume", Resume(id));
                await Moving(host, id);
                cancels.Add(await Timed(host, $"/training/runs/{id}/cancel", Cancel(id)));
            }

            output.WriteLine($"{model}, {workers} workers: pause {Text(pauses)}; cancel {Text(cancels)}");
        }

        var before = host.WorkingSet;
        for (var k = 0; k < 100; k++)
        {
            await Start(host, $"queued-{k}", data, "TwoTowerMha", 1);
            if (k == 3)
            {
                await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Moving(host, $"queued-{n}")));
                output.WriteLine($"4 runs: {Megabytes(host.WorkingSet)} MB, before them {Megabytes(before)} MB");
            }
        }

        await Moving(host, "queued-0");
        var last = new TrainingRunReply();
        await Eventually.Is(async () =>
        {
            last = await host.Get<TrainingRunReply>("/training/runs/queued-99");
            return last.Progress.QueuePlace > 0;
        });
        output.WriteLine($"100 runs: {Megabytes(host.WorkingSet)} MB; the last is at place {last.Progress.QueuePlace}");
        var all = new List<double>();
        for (var k = 99; k >= 0; k--)
        {
            all.Add(await Timed(host, $"/training/runs/queued-{k}/cancel", Cancel($"queued-{k}")));
        }

        output.WriteLine($"cancel of 100 runs while 4 train: {Text(all)}; then {Megabytes(host.WorkingSet)} MB");
    }

    private static string Megabytes(long bytes) => $"{bytes / 1e6:F0}";

    private static string Text(List<double> milliseconds)
    {
        milliseconds.Sort();
        return $"median {milliseconds[milliseconds.Count / 2]:F0} ms, slowest {milliseconds[^1]:F0} ms of {milliseconds.Count}";
    }

    private static async Task<double> Timed(HostProcess host, string path, ICommand command)
    {
        var watch = Stopwatch.StartNew();
        Assert.True(await host.TryAccepted(path, command));
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>Waits until batches are being trained, again.</summary>
    private static async Task Moving(HostProcess host, string id)
    {
        var from = (await host.Get<TrainingRunReply>($"/training/runs/{id}")).Progress;
        await Eventually.Is(async () =>
        {
            var run = await host.Get<TrainingRunReply>($"/training/runs/{id}");
            Assert.False(run.Status is RunStatus.Failed, run.Reason);
            return run.Progress.Batch > 20 && !run.Progress.Equals(from);
        });
    }

    private static CancelTraining Cancel(string id) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"cancel-{id}" },
            RunId = id,
        };

    private static PauseTraining Pause(string id) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"pause-{id}" },
            RunId = id,
        };

    private static ResumeTraining Resume(string id) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"resume-{id}" },
            RunId = id,
        };

    private static async Task Start(HostProcess host, string id, PreparedDatasetInfo data, string model, int workers)
    {
        var start = new StartTraining
        {
            Header = new CommandHeader { CommandId = $"start-{id}" },
            RunId = id,
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Config = new TrainingConfig
            {
                Model = new ModelConfig { Model = model },
                Workers = workers,
                RepresentationEpochs = -1,
            },
        };
        await host.Accepted("/training/runs", start);
    }
}
