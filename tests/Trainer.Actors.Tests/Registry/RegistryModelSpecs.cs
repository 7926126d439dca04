using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Registry;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Registry;

public class RegistryModelSpecs
{
    [Fact]
    public void A_registry_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<RegistryState>("match", Next) { Invariant = OneChampionAndNoGapInTime }.Check();

    private static ICommand Next(Random random, RegistryState state, int nr) =>
        random.Next(8) == 0 ? Versions.Judged($"v{random.Next(5)}", "de"[random.Next(2)], commandId: $"c-{nr}")
        : random.Next(8) == 0 ? Versions.Release($"v{random.Next(5)}", commandId: $"c-{nr}")
        : random.Next(3) == 0
            ? Versions.Register($"v{random.Next(5)}", artifact: random.Next(1, 3), commandId: $"c-{nr}")
        : Versions.Set($"v{random.Next(5)}", (Stage)random.Next(7), commandId: $"c-{nr}");

    private static void OneChampionAndNoGapInTime(RegistryState state, IReadOnlyList<IEvent> journal)
    {
        var champions = state.Versions.Count(v => v.Stage == Stage.Champion);
        Assert.Equal(journal.OfType<StageSet>().Any(e => e.Stage == Stage.Champion) ? 1 : 0, champions);
        foreach (var version in state.Versions)
        {
            Assert.Equal(version.Stage, version.History[^1].Stage);
            Assert.Null(version.History[^1].Until);
            Assert.True(version.ArtifactReleasedAt is null || version.Stage == Stage.Retired);
            Assert.All(version.History.Zip(version.History.Skip(1)), p => Assert.Equal(p.First.Until, p.Second.From));
        }
    }
}
