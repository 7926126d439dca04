using Ralm.Datasets.Preparation;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// A process that is killed while it judges a version somebody asked about. It is judged after the restart, once, and with
/// the same report as when nobody is killed.
/// </summary>
public sealed class EvaluationKillSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 10 : 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-judged-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task An_evaluation_killed_in_the_middle_ends_once_after_the_restart()
    {
        var data = AgeCity.Prepare(Path.Combine(_folder, "city"), users: 600, candidates: 300);
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName);
        await host.Start();
        var run = await Trained(host, data);
        await Grown(host, "whole", run);
        await Grown(host, "killed", run);
        await host.Accepted("/training/models/city/versions/whole/evaluate", Asked("whole"));
        var whole = await Judged(host, "whole");

        await host.Accepted("/training/models/city/versions/killed/evaluate", Asked("killed"));
        for (var kill = 1; kill <= Kills; kill++)
        {
            var asked = await Evaluation(host, "killed");
            output.WriteLine($"kill {kill}: {asked.Status}");
            Assert.True(
                kill > 1 || asked.Status == EvaluationStatus.EvaluationPending,
                "it was too quick to be cut off"
            );
            await host.KillNine();
            await host.Start();
        }

        var killed = await Judged(host, "killed");
        // Sent again, as a sender does that has heard nothing: the answer was given, and nothing is judged anew.
        await host.Accepted("/training/models/city/versions/killed/evaluate", Asked("killed"));

        Assert.Equal(
            (whole.Evaluation.RowsHash, whole.Evaluation.ScoresHash),
            (killed.Evaluation.RowsHash, killed.Evaluation.ScoresHash)
        );
        Assert.Equal(whole.Metrics, killed.Metrics);
        Assert.Equal(EvaluationStatus.EvaluationRecorded, (await Evaluation(host, "killed")).Status);
    }

    private static RequestEvaluation Asked(string version) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"judge-{version}" },
            Family = "city",
            VersionId = version,
        };

    private static async Task<RequestedEvaluation> Evaluation(HostProcess host, string version)
    {
        var asked = await host.Get<EvaluationsReply>("/training/models/city/evaluations");
        return asked.Evaluations.Single(e => e.VersionId == version);
    }

    /// <summary>Waits until the registry has it; there is one.</summary>
    private static async Task<LaterEvaluation> Judged(HostProcess host, string version)
    {
        var found = new ModelVersion();
        await Eventually.Is(async () =>
        {
            var family = await host.Get<RegistryReply>("/training/registry/city");
            found = family.Versions.Single(v => v.VersionId == version);
            return found.Evaluations.Count > 0
                && (await Evaluation(host, version)).Status == EvaluationStatus.EvaluationRecorded;
        });
        return Assert.Single(found.Evaluations);
    }

    private static async Task<TrainingRunReply> Trained(HostProcess host, PreparedDatasetInfo data)
    {
        var start = new StartTraining
        {
            Header = new CommandHeader { CommandId = "start" },
            RunId = "base",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = "city",
            Config = new TrainingConfig
            {
                Model = new ModelConfig { Model = "LogisticRegression" },
                MaxEpochs = 1,
            },
        };
        await host.Accepted("/training/runs", start);
        var run = new TrainingRunReply();
        await Eventually.Is(async () => (run = await host.Get<TrainingRunReply>("/training/runs/base")).Registered);
        return run;
    }

    /// <summary>The run's weights under another name, as a lineage's checkpoint that no run has judged.</summary>
    private static Task Grown(HostProcess host, string version, TrainingRunReply run) =>
        host.Accepted(
            "/training/registry/city/versions",
            new RegisterVersion
            {
                Header = new CommandHeader { CommandId = $"register-{version}" },
                Family = "city",
                VersionId = version,
                Artifact = run.Artifact,
                SchemaId = run.SchemaId,
                ParentVersionId = "base",
            }
        );
}
