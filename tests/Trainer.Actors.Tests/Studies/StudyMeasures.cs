using System.Diagnostics;
using Akka.Actor;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

/// <summary>
/// Figures, not verdicts; run by hand: <c>Trainer.Actors.Tests -explicit only -class "*StudyMeasures" -showliveoutput</c>.
/// </summary>
public sealed class StudyMeasures(ITestOutputHelper output) : TrainerTestKit
{
    private const int Count = 20;

    private static readonly StudyNodeOptions Options = new()
    {
        Data = () => PlantedData.Open(8_000, 2_000),
        Study = new StudyOptions(),
    };

    /// <summary>The product's own settings, a journal in memory; the runs alone follow each other without a pause.</summary>
    [Fact(Explicit = true)]
    public async Task A_study_against_the_same_runs_alone()
    {
        var store = Store;
        var node = Sys.ActorOf(Props.Create(() => new StudyNode(Options, store)));
        await Searched(node, "warm-up", trials: 2, maxParallel: 1);
        for (var round = 1; round <= 3; round++)
        {
            foreach (var maxParallel in (int[])[1, 2])
            {
                var id = $"s{round}-{maxParallel}";
                var study = Stopwatch.StartNew();
                var trials = await Searched(node, id, Count, maxParallel);
                var searched = study.Elapsed;

                var alone = Stopwatch.StartNew();
                foreach (var trial in trials)
                {
                    await Trained(node, trial, $"alone-{trial.RunId}");
                }

                output.WriteLine(
                    $"{Count} trials, {maxParallel} at once: {searched.TotalSeconds:F2} s; one after the other alone: "
                        + $"{alone.Elapsed.TotalSeconds:F2} s; ratio {searched / alone.Elapsed:F3}"
                );
            }
        }
    }

    /// <summary>Pure: what the next suggestion costs when so many trials have ended.</summary>
    [Theory(Explicit = true)]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(999)]
    public void One_suggestion_of_Tpe(int history)
    {
        var state = GivenStudy.Played(GivenStudy.Definition(trials: history), c => c.Optimizer.LearningRate);
        var definition = state.Definition.Clone();
        definition.Method = SearchMethod.Tpe;
        _ = Suggestions.For(definition, state.Trials, history + 1);
        var watch = Stopwatch.StartNew();
        for (var k = 0; k < 10; k++)
        {
            _ = Suggestions.For(definition, state.Trials, history + 1);
        }

        output.WriteLine($"{history} trials known: {watch.Elapsed.TotalMilliseconds / 10:F2} ms a suggestion");
    }

    private static async Task<IReadOnlyList<Trial>> Searched(IActorRef node, string id, int trials, int maxParallel)
    {
        var run = GivenRun.Start(maxEpochs: 3, patience: 3);
        var definition = new StudyDefinition
        {
            DatasetPath = run.DatasetPath,
            DatasetHash = run.DatasetHash,
            Config = run.Config,
            Parameters =
            {
                GivenStudy.Real("optimizer.learning_rate", 1e-4, 1e-1, log: true),
                GivenStudy.Whole("model.hidden_dim", 16, 64, 16),
            },
            Trials = trials,
            MaxParallel = maxParallel,
        };
        await Accepted(node, GivenStudy.Start(definition, id));
        while ((await node.Ask<StudyReply>(new GetStudy { StudyId = id }, Patience)).Status == StudyStatus.Searching)
        {
            await Task.Delay(10);
        }

        return (await node.Ask<TrialsReply>(new GetTrials { StudyId = id }, Patience)).Trials;
    }

    private static async Task Trained(IActorRef node, Trial trial, string runId)
    {
        var start = GivenRun.Start(runId);
        start.Family = "";
        start.Config = trial.Config;
        await Accepted(node, start);
        while (
            (await node.Ask<TrainingRunReply>(new GetTrainingRun { RunId = runId }, Patience)).Status
            == RunStatus.Training
        )
        {
            await Task.Delay(2);
        }
    }
}
