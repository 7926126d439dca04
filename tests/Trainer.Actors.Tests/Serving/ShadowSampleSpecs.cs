using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ShadowSampleSpecs
{
    private static readonly ShadowPlace Place = new(
        "city",
        "v-1",
        new ServedModel("v-2", new ArtifactRef { Hash = "b" })
    );

    private readonly ShadowSample _sample = new();

    [Fact]
    public void Only_the_champion_s_answers_outside_of_experiments_are_compared()
    {
        Assert.False(Take("v-1"));
        Assert.True(_sample.Follow([Place]));
        Assert.False(_sample.Follow([Place]));

        Assert.True(Take("v-1"));
        Assert.False(Take("v-0"));
        Assert.False(Take("v-1", test: "t-1"));
    }

    [Fact]
    public void Few_wait_at_a_time()
    {
        _sample.Follow([Place]);

        Assert.All(Enumerable.Range(0, ShadowSample.MaxWaiting), _ => Assert.True(Take("v-1")));
        Assert.False(Take("v-1"));
        _sample.Done();
        Assert.True(Take("v-1"));
        _sample.Restart();
        // Late answers of before do not make room for more than there is.
        _sample.Done();
        Assert.Equal(ShadowSample.MaxWaiting, Enumerable.Range(0, 100).Count(_ => Take("v-1")));
    }

    private bool Take(string version, string test = "") =>
        _sample.Take(new Score { Family = "city" }, new ScoreReply { VersionId = version, ExperimentId = test });
}
