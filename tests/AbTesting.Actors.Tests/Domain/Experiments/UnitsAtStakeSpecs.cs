using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

public sealed class UnitsAtStakeSpecs
{
    [Fact]
    public void A_schedule_and_a_start_need_the_units_and_nothing_that_is_drafted_or_goes_on_does()
    {
        var draft = Given(Create(InLayer));
        var scheduled = Given(Create(InLayer), Schedule());
        var running = Given(Create(InLayer), Start());

        Assert.Null(At(Given(), Create(InLayer)));
        Assert.Null(At(draft, Edit(d => d.Layer.To = 7000)));
        Assert.Equal((false, 0, 6000), Parts(At(draft, Schedule())));
        Assert.Equal((true, 0, 6000), Parts(At(draft, Start())));
        Assert.Equal((true, 0, 6000), Parts(At(scheduled, Start())));
        Assert.Equal((true, 0, 6000), Parts(UnitsAtStake.Of(scheduled.State, Later(scheduled))));
        Assert.Null(At(running, new PauseExperiment { Header = Header(), ExperimentId = "t" }));
        Assert.Null(At(Then(running, new PauseExperiment { Header = Header(), ExperimentId = "t" }), Start()));
    }

    [Fact]
    public void An_edit_of_a_scheduled_test_needs_them_where_it_takes_others()
    {
        var scheduled = Given(Create(InLayer), Schedule());

        Assert.Null(At(scheduled, Edit(d => d.Hypothesis = "better")));
        Assert.Equal((false, 0, 7000), Parts(At(scheduled, Edit(d => d.Layer.To = 7000))));
        Assert.Equal(500, At(scheduled, Edit(d => d.Holdout = 500))!.StatedHoldout);
        Assert.NotNull(At(scheduled, Edit(d => d.Family = "town")));
    }

    [Fact]
    public void They_are_needed_until_the_test_is_over()
    {
        Assert.False(UnitsAtStake.Needs(Given(Create()).State));
        Assert.True(UnitsAtStake.Needs(Given(Create(), Schedule()).State));
        var test = Given(Create(), Start());
        Assert.True(UnitsAtStake.Needs(test.State));
        Assert.True(
            UnitsAtStake.Needs(Then(test, new PauseExperiment { Header = Header(), ExperimentId = "t" }).State)
        );
        Assert.False(UnitsAtStake.Needs(Then(test, Stop()).State));
        Assert.False(
            UnitsAtStake.Needs(
                Given(Create(), Schedule(), new ArchiveExperiment { Header = Header(), ExperimentId = "t" }).State
            )
        );
    }

    [Fact]
    public void A_promotion_by_steps_keeps_them_for_its_rollout_and_one_asked_for_later_needs_them_again()
    {
        var won = Given(
            Create(d => (d.OnVerdict, d.Promotion, d.Layer) = (AutomaticAction.Stop, new PromotionPlan(), OfAll())),
            Start(),
            Report(0, 1, (2000, 200), (2000, 320))
        );
        Assert.Equal(ExperimentStatus.Decided, won.State.Stage);
        Assert.False(UnitsAtStake.Needs(won.State));
        var promote = new PromoteWinner { Header = Header(), ExperimentId = "t" };
        Assert.NotNull(At(won, promote));
        Assert.True(UnitsAtStake.Needs(Then(won, promote).State));

        var atOnce = Given(Create(), Start(), Report(0, 1, (2000, 200), (2000, 320)));
        Assert.Null(At(atOnce, promote));
        Assert.False(UnitsAtStake.Needs(Then(atOnce, promote).State));
    }

    [Fact]
    public void A_test_begins_with_the_familys_holdout_and_keeps_it()
    {
        var test = Given(Create());
        var start = UnitsAtStake.Given(test.Decide(Start(), Now), new ClaimReply { Holdout = 1000 });

        test.Apply(start.Events[0]);
        Then(test, new PauseExperiment { Header = Header(), ExperimentId = "t" }, Start());

        Assert.Equal((1000, 0), (test.State.Running!.Holdout, test.State.Definition!.Holdout));
        Assert.Equal(1000, ((ExperimentReply)test.State.Answer(new GetExperiment { ExperimentId = "t" })).Holdout);
        Assert.Equal(1000, ExperimentState.FromSnapshot("t", test.State.ToSnapshot()).HeldOut);
        Assert.Equal(1000, UnitsAtStake.Now(test.State).Holdout);
        // The author's own words: what is edited may leave it out again.
        Assert.Null(test.Decide(Edit(d => d.Hypothesis = "better", inLayer: false), Now).Rejection);
    }

    [Fact]
    public void A_test_that_began_before_the_holdout_was_the_familys_keeps_its_own()
    {
        var test = Given(Create(d => d.Holdout = 700), Start());

        Assert.Equal(700, test.State.Running!.Holdout);
        Assert.Equal(700, ExperimentState.FromSnapshot("t", test.State.ToSnapshot()).HeldOut);
    }

    [Fact]
    public void Whether_it_needs_its_units_it_says_itself()
    {
        var running = Given(Create(), Start()).State;

        Assert.True(Says(running, "city"));
        Assert.False(Says(running, "town"));
        Assert.False(Says(Given(Create()).State, "city"));
    }

    [Fact]
    public void A_salt_that_another_test_has_is_warned_about_and_ones_own_is_not()
    {
        var test = Given(Create(d => d.Salt = "shared")).State;
        Assert.True(SharedSalt.MayBe(test));
        Assert.False(SharedSalt.MayBe(Given(Create()).State));

        var alike = new ExperimentsReply
        {
            Experiments =
            {
                new ExperimentSummary { ExperimentId = "t" },
                new ExperimentSummary { ExperimentId = "u" },
            },
        };
        var answer = SharedSalt.Warn((ExperimentReply)test.Answer(new GetExperiment { ExperimentId = "t" }), alike);

        Assert.StartsWith(
            "the salt shared is also that of u:",
            Assert.Single(answer.Warnings),
            StringComparison.Ordinal
        );
        alike.Experiments.RemoveAt(1);
        Assert.Empty(
            SharedSalt.Warn((ExperimentReply)test.Answer(new GetExperiment { ExperimentId = "t" }), alike).Warnings
        );
    }

    private static void InLayer(ExperimentDefinition d) => d.Layer = OfAll(6000);

    private static Layer OfAll(int to = 10_000) =>
        new()
        {
            Name = "l",
            From = 0,
            To = to,
        };

    private static ScheduleExperiment Schedule() =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            StartAt = Timestamp.FromDateTimeOffset(Now.AddHours(1)),
        };

    private static EditExperiment Edit(Action<ExperimentDefinition> change, bool inLayer = true)
    {
        var definition = Create().Definition;
        definition.Layer = inLayer ? OfAll(6000) : null;
        change(definition);
        return new EditExperiment
        {
            Header = Header(),
            ExperimentId = "t",
            Definition = definition,
        };
    }

    private static Decision Later(EntityCore<ExperimentState> test) => test.Decide(Advance(), Now.AddHours(2));

    private static TrafficClaim? At(EntityCore<ExperimentState> test, ICommand command) =>
        UnitsAtStake.Of(test.State, test.Decide(command, Now));

    private static (bool Begun, int From, int To) Parts(TrafficClaim? claim) =>
        (claim!.Begun, claim.Layer.From, claim.Layer.To);

    private static bool Says(ExperimentState test, string family) =>
        ((ClaimCheckReply)test.Answer(new CheckClaim { ExperimentId = "t", Family = family })).Needed;
}
