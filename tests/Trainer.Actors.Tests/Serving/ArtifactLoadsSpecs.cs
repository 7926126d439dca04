using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ArtifactLoadsSpecs
{
    private static readonly ArtifactRef A = new() { Hash = "a" };

    private readonly ArtifactLoads _loads = new(workers: 2);

    [Fact]
    public void It_is_loaded_when_every_worker_has_it()
    {
        Assert.True(_loads.Start("a"));
        Assert.False(_loads.Start("a"));

        Assert.Equal(LoadStep.Wait, Answered(good: true));
        Assert.Equal(LoadStep.Loaded, Answered(good: true));
        Assert.True(_loads.IsLoaded("a"));
    }

    [Fact]
    public void One_with_seeds_sees_them_first()
    {
        _loads.Start("a");
        Answered(good: true, seeded: true);

        Assert.Equal(LoadStep.SeeSeeds, Answered(good: true, seeded: true));
        Assert.False(_loads.IsLoaded("a"));
        Assert.Equal(LoadStep.Loaded, _loads.Finish("a", good: true));
        Assert.Equal((true, true), (_loads.IsLoaded("a"), _loads.IsSeeded("a")));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void One_that_fails_anywhere_is_not_loaded_and_may_be_tried_again(bool first, bool second)
    {
        _loads.Start("a");
        Answered(first, seeded: first);

        Assert.Equal(LoadStep.Failed, Answered(second, seeded: second));
        Assert.Equal((false, false), (_loads.IsLoaded("a"), _loads.IsSeeded("a")));
        Assert.True(_loads.Start("a"));
    }

    [Fact]
    public void What_nobody_needs_is_let_go_and_a_late_answer_does_not_bring_it_back()
    {
        _loads.Start("a");
        Answered(good: true, seeded: true);
        Answered(good: true, seeded: true);
        _loads.Finish("a", good: true);

        Assert.Empty(_loads.LetGo(["a", "b"]));
        Assert.Equal([("a", true)], _loads.LetGo(["b"]));

        Assert.Equal(LoadStep.Wait, _loads.Finish("a", good: true));
        Assert.False(_loads.IsLoaded("a"));
    }

    private LoadStep Answered(bool good, bool seeded = false) => _loads.Answered(A, good, seeded);
}
