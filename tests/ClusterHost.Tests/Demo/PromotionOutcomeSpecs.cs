using RalmActors.ClusterHost.Demo;
using RalmActors.Messages.AbTesting;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Demo;

/// <summary>The demo's line about the promotion says what has happened, not that the step is over.</summary>
public sealed class PromotionOutcomeSpecs
{
    [Theory]
    [InlineData(ExperimentStatus.Decided, "", "no arm has won, so nothing is promoted")]
    [InlineData(ExperimentStatus.Promoted, "online", "online is the champion")]
    [InlineData(ExperimentStatus.RolledBack, "online", "taken back, nothing is promoted: it was slower")]
    public void It_names_the_champion_or_says_that_there_is_none(ExperimentStatus state, string winner, string line)
    {
        var test = new ExperimentReply
        {
            Status = state,
            Verdict = new Verdict { Winner = winner },
            History = { new HistoryEntry { Reason = "it was slower" } },
        };

        Assert.Equal(line, DemoSteps.Outcome(test));
    }
}
