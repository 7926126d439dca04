using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

public sealed class ArmsAtStakeSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_created_or_started_shows_all_its_arms()
    {
        var created = After(GivenExperiment.Create(_ => { }));

        Assert.Equal(
            ["definition.arms[0]", "definition.arms[1]"],
            Of(ExperimentState.Empty("t"), GivenExperiment.Create(_ => { })).Select(a => a.Field)
        );
        Assert.Equal(
            2,
            Of(created, new StartExperiment { Header = GivenExperiment.Header(), ExperimentId = "t" }).Length
        );
    }

    [Fact]
    public void An_edit_of_words_needs_no_model_and_one_of_arms_does()
    {
        var test = After(GivenExperiment.Create(_ => { }));
        var (words, arms) = (test.Definition!.Clone(), test.Definition.Clone());
        words.Hypothesis = "better";
        arms.Arms[1].VersionId = "another";

        Assert.Empty(Of(test, Edit(words)));
        Assert.Equal(2, Of(test, Edit(arms)).Length);
    }

    [Fact]
    public void What_takes_something_back_or_is_refused_needs_none()
    {
        var running = After(
            GivenExperiment.Create(_ => { }),
            new StartExperiment { Header = GivenExperiment.Header(), ExperimentId = "t" }
        );

        Assert.Empty(Of(running, new PauseExperiment { Header = GivenExperiment.Header(), ExperimentId = "t" }));
        Assert.Empty(Of(running, new StopExperiment { Header = GivenExperiment.Header(), ExperimentId = "t" }));
        Assert.Empty(Of(running, new RollBackExperiment { Header = GivenExperiment.Header(), ExperimentId = "t" }));
        Assert.Empty(Of(running, new StartExperiment { Header = GivenExperiment.Header(), ExperimentId = "t" }));
    }

    private static EditExperiment Edit(ExperimentDefinition definition) =>
        new()
        {
            Header = GivenExperiment.Header(),
            ExperimentId = "t",
            Definition = definition,
        };

    private static System.Collections.Immutable.ImmutableArray<ArmAtStake> Of(ExperimentState test, ICommand command) =>
        ArmsAtStake.Of(test, test.Decide(command, Now));

    private static ExperimentState After(params ICommand[] commands) =>
        commands.Aggregate(
            ExperimentState.Empty("t"),
            (test, c) => test.Decide(c, Now).Stamp(c.Header, Now).Events.Aggregate(test, (s, e) => s.Apply(e))
        );
}
