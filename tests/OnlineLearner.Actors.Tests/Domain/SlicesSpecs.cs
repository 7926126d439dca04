using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class SlicesSpecs
{
    [Fact]
    public void A_slice_holds_the_lineages_own_samples_from_its_mark_on()
    {
        var state = With(["a"], ["b"], ["a", "b"], ["b"], ["a"]);

        var first = Slices.Next(state, "a", 0, maxSamples: 2, maxBytes: 100_000)!;
        var rest = Slices.Next(Release(state, "a", 3), "a", 0, 2, 100_000)!;

        Assert.Equal((1, 3), (first.FromSeq, first.ToSeq));
        Assert.Equal([1, 3], first.Samples.Select(s => s.SampleSeq));
        Assert.Equal((4, 5), (rest.FromSeq, rest.ToSeq));
        Assert.Equal([5], rest.Samples.Select(s => s.SampleSeq));
    }

    [Fact]
    public void A_slice_ends_before_the_sample_that_would_make_it_too_large_but_holds_at_least_one()
    {
        var state = With(["a"], ["a"], ["a"]);
        var one = state.Buffer[0].ToMessage().CalculateSize();

        Assert.Single(Slices.Next(state, "a", 0, 10, maxBytes: 1)!.Samples);
        Assert.Equal(2, Slices.Next(state, "a", 0, 10, maxBytes: (2 * one) + (one / 2))!.Samples.Count);
    }

    [Fact]
    public void The_same_slice_has_the_same_id_and_another_one_has_not()
    {
        var state = With(["a"], ["a", "b"]);
        var id = Slices.Next(state, "a", 0, 2, 100_000)!.Header.CommandId;

        Assert.Equal(id, Slices.Next(With(["a"], ["a", "b"]), "a", 0, 2, 100_000)!.Header.CommandId);
        Assert.NotEqual(id, Slices.Next(state, "a", 0, 1, 100_000)!.Header.CommandId);
        Assert.NotEqual(id, Slices.Next(state, "b", 0, 2, 100_000)!.Header.CommandId);
    }

    [Fact]
    public void There_is_no_slice_for_a_lineage_that_waits_for_nothing()
    {
        Assert.Null(Slices.Next(With(["a"]), "b", 0, 10, 1000));
        Assert.Null(Slices.Next(Release(With(["a"]), "a", 1), "a", 0, 10, 1000));
    }

    private static UserState With(params string[][] lineages)
    {
        var state = UserState.Empty("u-1");
        foreach (var ids in lineages)
        {
            var c = Given.Interaction($"i-{state.LastSeq}", lineages: ids);
            state = state.Apply(state.Decide(c, Given.Now).Events[0]);
        }

        return state;
    }

    private static UserState Release(UserState state, string lineageId, long through) =>
        state.Apply(new SliceReleased { LineageId = lineageId, ThroughSeq = through });
}
