using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

/// <summary>What a study finds is a function of its definition and seed: not of time, order, crashes or how much runs at once.</summary>
public sealed class StudyReproducibilitySpecs
{
    [Fact]
    public void Any_order_of_reports_with_crashes_repetitions_and_cancellations_finds_the_same() =>
        Seeds.ForEach(seed =>
        {
            var definition = Definition(new Random(seed));
            var calm = new StudyWorld(definition, seed).Play(hostile: false);

            var world = new StudyWorld(definition, seed);
            Assert.Equal(calm, world.Play(hostile: true));

            var closed = world.Journal.OfType<TrialClosed>().Select(e => e.Trial).ToArray();
            Assert.Equal(closed.Length, closed.Distinct().Count());
            Assert.DoesNotContain(
                world.Journal.OfType<TrialStarted>(),
                started =>
                    started.Attempt > 1
                    && world
                        .Journal.TakeWhile(e => !ReferenceEquals(e, started))
                        .Any(e =>
                            (e is TrialClosed c && c.Trial == started.Trial)
                            || (e is TrialRunEnded r && r.Trial == started.Trial)
                        )
            );
        });

    [Fact]
    public void How_many_run_at_once_changes_nothing_while_the_lag_is_the_same()
    {
        var definition = GivenStudy.Definition(SearchMethod.Tpe, PruningRule.Asha, trials: 30, lag: 6);
        var alone = new StudyWorld(definition, 1).Play(hostile: false);
        definition.MaxParallel = 6;

        Assert.Equal(alone, new StudyWorld(definition, 2).Play(hostile: true));
    }

    [Fact]
    public void Another_seed_finds_other_trials()
    {
        var one = GivenStudy.Definition(SearchMethod.Tpe, seed: 1);
        var other = GivenStudy.Definition(SearchMethod.Tpe, seed: 2);

        Assert.NotEqual(new StudyWorld(one, 1).Play(hostile: false), new StudyWorld(other, 1).Play(hostile: false));
    }

    private static StudyDefinition Definition(Random random) =>
        GivenStudy.Definition(
            (SearchMethod)random.Next(1, 4),
            (PruningRule)random.Next(1, 4),
            trials: random.Next(1, 25),
            maxParallel: random.Next(1, 7),
            lag: random.Next(0, 8),
            seed: (ulong)random.Next()
        );
}
