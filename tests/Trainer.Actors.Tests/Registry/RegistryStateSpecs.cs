using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Registry;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Registry;

public class RegistryStateSpecs
{
    [Fact]
    public void A_registered_version_is_a_candidate()
    {
        var version = Assert.Single(After(Versions.Register("v1")).Versions);

        Assert.Equal(Stage.Candidate, version.Stage);
        Assert.Equal(At(0), Assert.Single(version.History).From);
    }

    [Fact]
    public void An_evaluation_that_comes_later_stands_beside_the_version_one_per_dataset()
    {
        var state = After(
            Versions.Register("v1"),
            Versions.Judged("v1"),
            Versions.Judged("v1", 'e', 'b'),
            Versions.Judged("v1", 'd', 'c', "again")
        );

        var version = Assert.Single(state.Versions);
        Assert.Equal(["d a", "e b"], version.Evaluations.Select(e => $"{e.DatasetHash[0]} {e.Evaluation.Hash[0]}"));
        Assert.Equal("test_auc", Assert.Single(version.Evaluations[0].Metrics).Name);
        Assert.Equal(At(1), version.Evaluations[0].RecordedAt);
        // As it was registered: a repetition of that is known again.
        Assert.Equal("auc", Assert.Single(version.Metrics).Name);
        Assert.Empty(state.Decide(Versions.Register("v1"), Time(9)).Events);
        Assert.Null(state.Decide(Versions.Register("v1"), Time(9)).Rejection);
    }

    [Fact]
    public void A_version_that_was_judged_worse_than_the_champion_serves_only_by_an_explicit_word()
    {
        var state = After(
            Versions.Register("v1"),
            Versions.Register("v2"),
            Versions.Register("v3"),
            Versions.Set("v1", Stage.Champion),
            Auc("v1", 'd', 0.71, 0.69, 0.73),
            Auc("v2", 'e', 0.5, 0.4, 0.6),
            Auc("v2", 'd', 0.62, 0.60, 0.64),
            Auc("v3", 'd', 0.68, 0.66, 0.70)
        );
        var set = Versions.Set("v2", Stage.Champion);
        set.ExperimentId = "";

        var refused = state.Decide(set, Time(20)).Rejection!;
        Assert.Equal(("version_id", RejectionCode.Conflict), (refused.Field, refused.Code));
        Assert.Equal(
            "was judged worse than the champion v1 on the same rows: test AUC 0.6200 (0.6000 to 0.6400) against 0.7100 (0.6900 to 0.7300); set although_worse if it is to serve all the same",
            refused.Rule
        );

        foreach (
            var change in (Action<SetStage>[])
                [
                    c => c.AlthoughWorse = true,
                    c => c.ExperimentId = "exp-1",
                    c => c.VersionId = "v3",
                    c => c.Stage = Stage.Shadow,
                ]
        )
        {
            var other = set.Clone();
            change(other);
            Assert.Null(state.Decide(other, Time(20)).Rejection);
        }

        static RecordEvaluation Auc(string versionId, char dataset, double value, double low, double high)
        {
            var judged = Versions.Judged(versionId, dataset);
            judged.Metrics[0] = new Metric
            {
                Name = "test_auc",
                Value = value,
                Low = low,
                High = high,
            };
            return judged;
        }
    }

    [Fact]
    public void The_evaluation_a_version_was_registered_with_stays()
    {
        var register = Versions.Register("v1");
        register.DatasetHash = new string('d', 64);
        register.Evaluation = new EvaluationRef { Hash = new string('f', 64) };

        Assert.Empty(Assert.Single(After(register, Versions.Judged("v1")).Versions).Evaluations);
    }

    [Fact]
    public void A_family_as_it_was_knows_no_later_evaluation()
    {
        var state = After(Versions.Register("v1"), Versions.Judged("v1"), Versions.Judged("v1", 'e'));

        var then = (RegistryReply)state.Answer(new GetRegistry { At = At(1) });

        Assert.Equal('d', Assert.Single(Assert.Single(then.Versions).Evaluations).DatasetHash[0]);
    }

    [Theory]
    [InlineData("v9", 'a', "version_id")]
    [InlineData("v1", 'x', "evaluation.hash")]
    public void An_evaluation_of_nothing_is_refused(string version, char report, string field)
    {
        var decision = After(Versions.Register("v1")).Decide(Versions.Judged(version, report: report), Time(1));

        Assert.Equal(field, decision.Rejection!.Field);
    }

    [Fact]
    public void Promotion_retires_the_former_champion_in_the_same_event()
    {
        var before = After(Versions.Register("v1"), Versions.Register("v2"), Versions.Set("v1", Stage.Champion));

        var decision = before.Decide(Versions.Set("v2", Stage.Champion), Time(3));
        var after = before.Apply(Assert.Single(decision.Stamp(new CommandHeader { CommandId = "c" }, Time(3)).Events));

        Assert.Equal([Stage.Retired, Stage.Champion], after.Versions.Select(v => v.Stage));
        Assert.Equal("v2", after.ToReply().ChampionVersionId);
        Assert.Equal((At(2), At(3)), (after.Versions[0].History[1].From, after.Versions[0].History[1].Until));
        Assert.Equal(
            ("better", "exp-1"),
            (after.Versions[1].History[^1].Reason, after.Versions[1].History[^1].ExperimentId)
        );
        Assert.Equal([Stage.Champion, Stage.Candidate], before.Versions.Select(v => v.Stage));
    }

    [Fact]
    public void A_retired_champion_can_be_promoted_again()
    {
        var state = After(
            Versions.Register("v1"),
            Versions.Register("v2"),
            Versions.Set("v1", Stage.Champion),
            Versions.Set("v2", Stage.Champion),
            Versions.Set("v1", Stage.Champion)
        );

        Assert.Equal("v1", state.Champion?.VersionId);
        Assert.Equal(
            [Stage.Candidate, Stage.Champion, Stage.Retired, Stage.Champion],
            state.Versions[0].History.Select(h => h.Stage)
        );
    }

    [Fact]
    public void A_version_that_others_have_moved_on_is_not_moved_from_where_it_was_seen()
    {
        var state = After(Versions.Register("v1"), Versions.Set("v1", Stage.Canary));
        var late = Versions.Set("v1", Stage.Champion);
        late.From = Stage.Canary;
        Assert.Single(state.Decide(late, Time(3)).Events);

        var rejection = state.Apply(Assert.Single(Retired(state).Events)).Decide(late, Time(4)).Rejection!;

        Assert.Equal(("from", "Canary"), (rejection.Field, rejection.Value));
        Assert.Equal("is not where the version is: Retired", rejection.Rule);

        static Decision Retired(RegistryState state) =>
            state
                .Decide(Versions.Set("v1", Stage.Retired), Time(3))
                .Stamp(new CommandHeader { CommandId = "c" }, Time(3));
    }

    [Theory]
    [InlineData(Stage.Retired)]
    [InlineData(Stage.Canary)]
    public void The_champion_steps_down_only_for_another(Stage stage)
    {
        var rejection = After(Versions.Register("v1"), Versions.Set("v1", Stage.Champion))
            .Decide(Versions.Set("v1", stage), Time(2))
            .Rejection!;

        Assert.Equal((RejectionCode.Conflict, "stage"), (rejection.Code, rejection.Field));
    }

    [Fact]
    public void What_served_at_any_time_is_what_a_registry_of_that_time_would_have_said()
    {
        ICommand[] story =
        [
            Versions.Register("v1"),
            Versions.Set("v1", Stage.Champion),
            Versions.Register("v2"),
            Versions.Set("v2", Stage.Canary),
            Versions.Set("v2", Stage.Champion),
            Versions.Release("v1"),
            Versions.Register("v3"),
        ];
        var now = After(story);

        for (var step = 0; step < story.Length; step++)
        {
            var then = After(story[..(step + 1)]).ToReply();
            var told = (RegistryReply)now.Answer(new GetRegistry { Family = "match", At = At(step) });
            Assert.Equal(At(step), told.At);
            told.At = null;
            Assert.Equal(then, told);
        }

        var before = Timestamp.FromDateTimeOffset(Time(0).AddTicks(-1));
        Assert.Empty(((RegistryReply)now.Answer(new GetRegistry { At = before })).Versions);
    }

    [Fact]
    public void Only_a_retired_version_gives_up_its_artefact_and_then_it_can_never_serve_again()
    {
        var state = After(Versions.Register("v1"), Versions.Register("v2"), Versions.Set("v2", Stage.Retired));

        Assert.Equal(RejectionCode.Conflict, state.Decide(Versions.Release("v1"), Time(3)).Rejection?.Code);
        Assert.Equal(RejectionCode.NotFound, state.Decide(Versions.Release("v9"), Time(3)).Rejection?.Code);
        var released = state.Decide(Versions.Release("v2"), Time(3)).Stamp(new CommandHeader(), Time(3));
        state = state.Apply(Assert.Single(released.Events));
        Assert.Equal(At(3), state.Versions[1].ArtifactReleasedAt);
        Assert.Equal(Decision.Nothing, state.Decide(Versions.Release("v2"), Time(4)));
        var rejection = state.Decide(Versions.Set("v2", Stage.Champion), Time(4)).Rejection!;
        Assert.Equal((RejectionCode.Conflict, "version_id", "v2"), (rejection.Code, rejection.Field, rejection.Value));
    }

    [Fact]
    public void The_same_again_is_accepted_and_writes_nothing_and_other_content_under_the_same_id_is_a_conflict()
    {
        var state = After(Versions.Register("v1"), Versions.Set("v1", Stage.Shadow));

        Assert.Equal(Decision.Nothing, state.Decide(Versions.Register("v1"), Time(2)));
        Assert.Equal(Decision.Nothing, state.Decide(Versions.Set("v1", Stage.Shadow), Time(2)));
        var rejection = state.Decide(Versions.Register("v1", artifact: 2), Time(2)).Rejection!;
        Assert.Equal((RejectionCode.Conflict, "version_id", "v1"), (rejection.Code, rejection.Field, rejection.Value));
    }

    [Fact]
    public void A_stage_is_set_for_a_known_version_and_must_be_one_of_the_five()
    {
        Assert.Equal(
            RejectionCode.NotFound,
            After().Decide(Versions.Set("v9", Stage.Champion), Time(0)).Rejection?.Code
        );
        Assert.Equal("stage", After().Decide(Versions.Set("v1", Stage.Unspecified), Time(0)).Rejection?.Field);
        Assert.Equal("stage", After().Decide(Versions.Set("v1", (Stage)9), Time(0)).Rejection?.Field);
    }

    public static TheoryData<string, Action<RegisterVersion>> BadVersions =>
        new()
        {
            { "version_id", c => c.VersionId = "" },
            { "artifact", c => c.Artifact = null },
            { "artifact.hash", c => c.Artifact = new ArtifactRef { Hash = new string('g', 64) } },
            { "artifact.weights_hash", c => c.Artifact.WeightsHash = "abc" },
            { "schema_id", c => c.SchemaId = "s 1" },
            { "parent_version_id", c => c.ParentVersionId = c.VersionId },
            { "evaluation.hash", c => c.Evaluation = new EvaluationRef { Hash = "abc" } },
            { "code_version", c => c.CodeVersion = new string('v', 257) },
            {
                "metrics[1].value",
                c =>
                    c.Metrics.Add(
                        new Metric
                        {
                            Name = "auc",
                            Value = 0.5,
                            Low = double.NegativeInfinity,
                        }
                    )
            },
            { "metrics[1].value", c => c.Metrics.Add(new Metric { Name = "loss", Value = double.NaN }) },
        };

    [Theory]
    [MemberData(nameof(BadVersions))]
    public void A_bad_version_is_refused_by_field(string field, Action<RegisterVersion> spoil)
    {
        var c = Versions.Register("v1");
        spoil(c);

        var rejection = After().Decide(c, Time(0)).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field), (rejection.Code, rejection.Field));
    }

    private static RegistryState After(params ICommand[] commands)
    {
        var state = RegistryState.Empty("match");
        for (var i = 0; i < commands.Length; i++)
        {
            var decision = state.Decide(commands[i], Time(i)).Stamp(commands[i].Header, Time(i));
            Assert.False(decision.IsRejected, decision.Rejection?.ToString());
            state = decision.Events.Aggregate(state, (s, e) => s.Apply(e));
        }

        return state;
    }

    private static DateTimeOffset Time(int step) => DateTimeOffset.UnixEpoch.AddMinutes(step);

    private static Timestamp At(int step) => Timestamp.FromDateTimeOffset(Time(step));
}
