using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Evaluation;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Evaluation;

public sealed class EvaluationQueueSpecs
{
    [Fact]
    public void What_is_asked_for_first_is_judged_first()
    {
        var state = After(Asked("v1"), Asked("v2"));
        Assert.Equal("v1", state.Next!.VersionId);

        state = Take(state, s => s.End(s.Next!, Report('a'), [], ""));
        Assert.Equal(("v1", EvaluationStatus.EvaluationJudged), (state.Next!.VersionId, state.Next.Status));

        state = Take(state, s => s.Settle(new Settlement(Report('a').Hash, "", null)));
        Assert.Equal(("v2", EvaluationStatus.EvaluationPending), (state.Next!.VersionId, state.Next.Status));
    }

    [Fact]
    public void A_version_is_not_judged_twice_on_a_dataset_but_on_another_one_it_is()
    {
        var state = After(Asked("v1"));

        Assert.Empty(state.Decide(Asked("v1", commandId: "other"), default).Events);
        Assert.Single(state.Decide(Asked("v1", dataset: 'e'), default).Events);
    }

    [Fact]
    public void What_failed_is_judged_when_it_is_asked_for_again()
    {
        var state = Take(After(Asked("v1")), s => s.End(s.Next!, null, [], "a file is gone"));
        Assert.Null(state.Next);
        Assert.Equal("a file is gone", Assert.Single(state.Asked).Reason);

        state = Take(state, s => s.Decide(Asked("v1", commandId: "again"), default));

        Assert.Equal(EvaluationStatus.EvaluationPending, Assert.Single(state.Asked).Status);
    }

    [Fact]
    public void A_late_word_of_the_trainer_or_the_registry_changes_nothing()
    {
        var first = After(Asked("v1"));
        var judged = Take(first, s => s.End(s.Next!, Report('a'), [], ""));

        Assert.Null(judged.End(first.Next!, Report('b'), [], ""));
        Assert.Null(judged.Settle(new Settlement(Report('b').Hash, "", null)));
        Assert.Null(
            Take(judged, s => s.Settle(new Settlement(Report('a').Hash, "", null)))
                .Settle(new Settlement(Report('a').Hash, "", null))
        );
    }

    [Fact]
    public void Only_the_last_hundred_that_are_over_are_told_of()
    {
        var state = EvaluationQueue.Empty("city");
        for (var k = 0; k < 105; k++)
        {
            state = Take(state, s => s.Decide(Asked($"v{k}"), default));
            state = Take(state, s => s.End(s.Next!, null, [], "lost"));
        }

        Assert.Equal((100, "v5"), (state.Asked.Count, state.Asked[0].VersionId));
    }

    [Fact]
    public void The_registry_is_told_with_a_command_id_that_follows_from_the_report()
    {
        var state = Take(After(Asked("v1")), s => s.End(s.Next!, Report('a'), [new Metric { Name = "test_auc" }], ""));

        var command = state.Recording(state.Next!);

        Assert.Equal($"evaluated:{Report('a').Hash}", command.Header.CommandId);
        Assert.Equal(("city", "v1", Report('a')), (command.Family, command.VersionId, command.Evaluation));
        Assert.Equal("test_auc", Assert.Single(command.Metrics).Name);
    }

    [Theory]
    [InlineData("v 1", "planted", 'd', "version_id")]
    [InlineData("v1", "", 'd', "dataset_path")]
    [InlineData("v1", "planted", 'x', "dataset_hash")]
    public void What_is_not_complete_is_refused(string version, string path, char dataset, string field)
    {
        var asked = Asked(version, dataset: dataset);
        asked.DatasetPath = path;

        Assert.Equal(field, EvaluationQueue.Empty("city").Decide(asked, default).Rejection!.Field);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_asked_is_told_the_outcome_and_the_registry_is_not(bool isLost)
    {
        var asked = Asked("v1");
        asked.RunId = "run-1";
        var state = Take(EvaluationQueue.Empty("city"), s => s.Decide(asked, default));
        state = Take(state, s => isLost ? s.End(s.Next!, null, [], "lost") : s.End(s.Next!, Report('a'), [], ""));

        var owed = Assert.Single(state.Outbox);
        var told = Assert.IsType<RecordRunEvaluation>(owed.Command());
        Assert.Equal(typeof(TrainingRunRegion), owed.Region);
        Assert.Equal(("run-1", isLost, isLost ? "lost" : ""), (told.RunId, told.Evaluation is null, told.Reason));

        state = Take(state, s => s.Settle(new Settlement(owed.Key, "", null)));
        Assert.Empty(state.Outbox);
        Assert.Equal(
            isLost ? EvaluationStatus.EvaluationFailed : EvaluationStatus.EvaluationRecorded,
            state.Asked[0].Status
        );
    }

    [Fact]
    public void Two_runs_that_train_one_version_id_are_both_told()
    {
        var (one, other) = (Asked("v1", "c-1"), Asked("v1", "c-2"));
        (one.RunId, other.RunId) = ("run-1", "run-2");

        var state = Take(EvaluationQueue.Empty("city"), s => s.Decide(one, default));
        state = Take(state, s => s.Decide(other, default));

        Assert.Equal(["run-1", "run-2"], state.Asked.Select(e => e.RunId));
    }

    [Fact]
    public void Evaluations_survive_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<EvaluationQueue>(
            "city",
            (random, _, nr) =>
            {
                var asked = Asked($"v{random.Next(4)}", $"c-{nr}", dataset: random.Next(2) == 0 ? 'd' : 'e');
                asked.RunId = random.Next(3) == 0 ? $"run-{random.Next(2)}" : "";
                return asked;
            }
        )
        {
            Effect = (random, state) =>
                state.Next is not { Status: EvaluationStatus.EvaluationPending } next ? null
                : random.Next(4) == 0 ? state.End(next, null, [], "lost")
                : state.End(next, Report("abcdef"[random.Next(6)]), [], ""),
            Invariant = (state, _) =>
                Assert.Equal(
                    state.Asked.Count,
                    state.Asked.Select(e => (e.VersionId, e.DatasetHash, e.RunId)).Distinct().Count()
                ),
        }.Check();

    private static RequestEvaluation Asked(string version, string? commandId = null, char dataset = 'd') =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId ?? $"judge-{version.Replace(' ', '-')}" },
            Family = "city",
            VersionId = version,
            DatasetPath = "planted",
            DatasetHash = new string(dataset, 64),
            Artifact = new ArtifactRef { Hash = new string('a', 64) },
        };

    private static EvaluationRef Report(char digit) => new() { Hash = new string(digit, 64) };

    private static EvaluationQueue After(params RequestEvaluation[] asked) =>
        asked.Aggregate(EvaluationQueue.Empty("city"), (state, c) => Take(state, s => s.Decide(c, default)));

    private static EvaluationQueue Take(EvaluationQueue state, Func<EvaluationQueue, Decision?> decide)
    {
        var decision = decide(state)!;
        Assert.Null(decision.Rejection);
        return decision
            .Stamp(new CommandHeader { CommandId = "c" }, DateTimeOffset.UnixEpoch)
            .Events.Aggregate(state, (s, e) => s.Apply(e));
    }
}
