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
        var created = After(GivenTest.Create(_ => { }));

        Assert.Equal(
            ["definition.arms[0]", "definition.arms[1]"],
            Of(TestState.Empty("t"), GivenTest.Create(_ => { })).Select(a => a.Field)
        );
        Assert.Equal(2, Of(created, new StartTest { Header = GivenTest.Header(), TestId = "t" }).Length);
    }

    [Fact]
    public void An_edit_of_words_needs_no_model_and_one_of_arms_does()
    {
        var test = After(GivenTest.Create(_ => { }));
        var (words, arms) = (test.Definition!.Clone(), test.Definition.Clone());
        words.Hypothesis = "better";
        arms.Arms[1].VersionId = "another";

        Assert.Empty(Of(test, Edit(words)));
        Assert.Equal(2, Of(test, Edit(arms)).Length);
    }

    [Fact]
    public void What_takes_something_back_or_is_refused_needs_none()
    {
        var running = After(GivenTest.Create(_ => { }), new StartTest { Header = GivenTest.Header(), TestId = "t" });

        Assert.Empty(Of(running, new PauseTest { Header = GivenTest.Header(), TestId = "t" }));
        Assert.Empty(Of(running, new StopTest { Header = GivenTest.Header(), TestId = "t" }));
        Assert.Empty(Of(running, new RollBackTest { Header = GivenTest.Header(), TestId = "t" }));
        Assert.Empty(Of(running, new StartTest { Header = GivenTest.Header(), TestId = "t" }));
    }

    private static EditTest Edit(TestDefinition definition) =>
        new()
        {
            Header = GivenTest.Header(),
            TestId = "t",
            Definition = definition,
        };

    private static System.Collections.Immutable.ImmutableArray<ArmAtStake> Of(TestState test, ICommand command) =>
        ArmsAtStake.Of(test, test.Decide(command, Now));

    private static TestState After(params ICommand[] commands) =>
        commands.Aggregate(
            TestState.Empty("t"),
            (test, c) => test.Decide(c, Now).Stamp(c.Header, Now).Events.Aggregate(test, (s, e) => s.Apply(e))
        );
}
