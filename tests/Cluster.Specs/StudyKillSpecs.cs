using System.Diagnostics;
using Ralm.Datasets.Preparation;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// A study in a process of its own that is killed in the middle of its work, again and again: it goes on by itself, trains
/// nothing that has ended a second time, and finds what it finds undisturbed.
/// </summary>
public sealed class StudyKillSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 20 : 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-study-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_killed_study_goes_on_by_itself_and_ends_with_the_same_trials_and_weights()
    {
        var definition = Definition(AgeCity.Prepare(Path.Combine(_folder, "city"), users: 60, candidates: 60));
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName);
        await host.Start();
        var whole = Stopwatch.StartNew();
        await Start(host, "whole", definition);
        var (expected, undisturbed) = (await Found(host, "whole"), whole.Elapsed);

        var random = new Random(1);
        var killed = Stopwatch.StartNew();
        await Start(host, "killed", definition);
        var (ended, before) = (0, new TrialsReply());
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = (await Study(host, "killed")).Epochs + random.Next(1, 8);
            StudyReply study = new();
            await Eventually.Is(async () =>
                (study = await Study(host, "killed")).Epochs >= enough || study.Status != StudyStatus.Searching
            );
            before = await Trials(host, "killed");
            ended += study.Status == StudyStatus.Searching ? 0 : 1;
            await host.KillNine();
            await host.Start();
            if (kill == Kills)
            {
                break;
            }

            AssertKept(before, await Trials(host, "killed"));
        }

        // Nobody asks the study any more.
        await Eventually.Is(async () =>
            (await host.Get<RegistryReply>("/training/registry/city")).Versions.Any(v => v.VersionId == "killed")
        );

        Assert.Equal(expected, await Found(host, "killed"));
        AssertKept(before, await Trials(host, "killed"));
        var trials = (await Trials(host, "killed")).Trials;
        foreach (var trial in trials)
        {
            Assert.Equal((1, 1, $"killed:{trial.Number}"), (trial.Attempt, trial.Lease, trial.RunId));
            var run = await host.Get<TrainingRunReply>($"/training/runs/{trial.RunId}");
            Assert.NotEqual(RunStatus.Training, run.Status);
            Assert.Equal(Enumerable.Range(1, run.Epochs.Count), run.Epochs.Select(e => e.Epoch));
        }

        output.WriteLine(
            $"{Kills} kills ({ended} after the end), {trials.Count} trials, "
                + $"{trials.Count(t => t.Outcome == TrialOutcome.TrialPruned)} pruned; "
                + $"{undisturbed.TotalSeconds:F1} s undisturbed, {killed.Elapsed.TotalSeconds:F1} s killed"
        );
    }

    private static void AssertKept(TrialsReply before, TrialsReply after) =>
        Assert.All(
            before.Trials.Where(t => t.Outcome != TrialOutcome.Unspecified),
            trial => Assert.Equal(Text(trial), Text(after.Trials[trial.Number - 1]))
        );

    private static async Task Start(HostProcess host, string id, StudyDefinition definition)
    {
        var start = new StartStudy
        {
            Header = new CommandHeader { CommandId = $"start-{id}" },
            StudyId = id,
            Definition = definition,
        };
        await host.Accepted("/training/studies", start);
    }

    private static Task<StudyReply> Study(HostProcess host, string id) =>
        host.Get<StudyReply>($"/training/studies/{id}");

    private static Task<TrialsReply> Trials(HostProcess host, string id) =>
        host.Get<TrialsReply>($"/training/studies/{id}/trials?count=1000");

    /// <summary>Waits for the end; what every trial was, came to, and the weights of those completed.</summary>
    private static async Task<string> Found(HostProcess host, string id)
    {
        var study = new StudyReply();
        await Eventually.Is(async () =>
        {
            study = await Study(host, id);
            Assert.False(study.Status == StudyStatus.SearchFailed, study.Reason);
            return study is { Status: StudyStatus.SearchCompleted, Running: 0 };
        });
        return string.Join('\n', (await Trials(host, id)).Trials.Select(Text).Append($"best {study.Best.Number}"));
    }

    private static string Text(Trial t) =>
        $"{t.Number} {t.Parameters} {t.Outcome} {t.Epoch} {t.Value:R} "
        + (t.Outcome == TrialOutcome.TrialCompleted ? t.End.Artifact.WeightsHash : "");

    private static StudyDefinition Definition(PreparedDatasetInfo data) =>
        new()
        {
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Config = new TrainingConfig
            {
                Model = new ModelConfig { TowerDim = 16, Heads = 2 },
                BatchSize = 128,
                MaxEpochs = 6,
                Patience = 6,
            },
            Parameters =
            {
                new SearchParameter
                {
                    Path = "optimizer.learning_rate",
                    Continuous = new ContinuousRange
                    {
                        Low = 1e-4,
                        High = 0.1,
                        Log = true,
                    },
                },
                new SearchParameter
                {
                    Path = "model.hidden_dim",
                    Integer = new IntegerRange
                    {
                        Low = 16,
                        High = 64,
                        Step = 16,
                    },
                },
            },
            Tpe = new TpeConfig { StartupTrials = 4 },
            Pruning = new PruningConfig { Rule = PruningRule.Asha, Eta = 2 },
            Trials = Seeds.IsLong ? 60 : 9,
            MaxParallel = 3,
            RandomSeed = 5,
            Family = "city",
        };
}
