using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>The driver that tries to break entities leaves a sound one alone and finds each kind of fault.</summary>
public class EntityModelSpecs
{
    [Fact]
    public void A_sound_entity_passes() => new EntityModel<ShelfState>("shelf", OnShelf).Check();

    [Fact]
    public void A_state_that_a_snapshot_does_not_hold_is_found() =>
        Assert.Contains("a snapshot does not hold the whole state", Fault<Forgetful>(), StringComparison.Ordinal);

    [Fact]
    public void A_decision_that_changes_the_state_is_found() =>
        Assert.Contains("changes the state", Fault<Hasty>(), StringComparison.Ordinal);

    [Fact]
    public void A_decision_that_differs_when_made_again_is_found() =>
        Assert.Contains("in two ways", Fault<Fickle>(), StringComparison.Ordinal);

    [Fact]
    public void A_repetition_with_a_second_effect_is_found() =>
        Assert.Contains("repeated at once leaves", Fault<Forgiving>(), StringComparison.Ordinal);

    [Fact]
    public void A_refusal_that_names_no_field_is_found() =>
        Assert.Contains("names no field", Fault<Terse>(), StringComparison.Ordinal);

    [Fact]
    public void The_failing_seed_is_named_with_the_way_to_repeat_it()
    {
        var failure = Assert.Throws<InvalidOperationException>(() =>
            Seeds.ForEach(seed => Assert.NotEqual(SeedThatFails, seed))
        );

        Assert.Contains($"RALM_TEST_SEED={SeedThatFails}", failure.Message, StringComparison.Ordinal);
    }

    private static int SeedThatFails =>
        int.TryParse(Environment.GetEnvironmentVariable("RALM_TEST_SEED"), out var one) ? one : 17;

    private static ICommand OnShelf(Random random, ShelfState state, int nr) =>
        random.Next(3) == 0
            ? Say.Register("shelf", $"v-{random.Next(5)}", $"c-{nr}")
            : Say.SetStage("shelf", $"v-{random.Next(5)}", (Stage)random.Next(1, 6), $"c-{nr}");

    private static string Fault<TState>()
        where TState : Counter<TState>, IEntityState<TState> =>
        Assert
            .Throws<InvalidOperationException>(() =>
                new EntityModel<TState>(
                    "counter",
                    (_, _, nr) => new CheckpointLineage { Header = Say.Header($"c-{nr}"), LineageId = "counter" }
                ).Check()
            )
            .Message;

    /// <summary>Counts what it is told; each subclass has one fault.</summary>
    private abstract record Counter<TSelf>(int Count)
        where TSelf : Counter<TSelf>
    {
        public virtual Decision Decide(ICommand command, DateTimeOffset now) =>
            Count > 0 ? Decision.Nothing : Decision.Accept(new LineageClosed());

        public TSelf Apply(IEvent e) => (TSelf)this with { Count = Count + 1 };

        public IWireMessage Answer(IQuery query) => throw new NotSupportedException();

        public virtual IWireMessage ToSnapshot() => new LineageSnapshot { BatchesAccepted = Count };

        protected static int CountIn(IWireMessage snapshot) => (int)((LineageSnapshot)snapshot).BatchesAccepted;
    }

    private sealed record Forgetful(int Count) : Counter<Forgetful>(Count), IEntityState<Forgetful>
    {
        public static Forgetful Empty(string entityId) => new(0);

        public static Forgetful FromSnapshot(string entityId, IWireMessage snapshot) => new(0);

        public override Decision Decide(ICommand command, DateTimeOffset now) =>
            Count > 30
                ? Decision.Nothing
                : Decision.Accept([.. Enumerable.Repeat(0, 31).Select(_ => new LineageClosed())]);
    }

    private sealed record Hasty(int Count) : Counter<Hasty>(Count), IEntityState<Hasty>
    {
        private int _asked;

        public static Hasty Empty(string entityId) => new(0);

        public static Hasty FromSnapshot(string entityId, IWireMessage snapshot) => new(CountIn(snapshot));

        public override Decision Decide(ICommand command, DateTimeOffset now)
        {
            _asked++;
            return base.Decide(command, now);
        }

        public override IWireMessage ToSnapshot() => new LineageSnapshot { BatchesAccepted = Count + _asked };
    }

    private sealed record Fickle(int Count) : Counter<Fickle>(Count), IEntityState<Fickle>
    {
        private int _asked;

        public static Fickle Empty(string entityId) => new(0);

        public static Fickle FromSnapshot(string entityId, IWireMessage snapshot) => new(CountIn(snapshot));

        public override Decision Decide(ICommand command, DateTimeOffset now) =>
            Decision.Accept(new LineageClosed { Reason = $"{_asked++}" });
    }

    private sealed record Forgiving(int Count) : Counter<Forgiving>(Count), IEntityState<Forgiving>
    {
        public static Forgiving Empty(string entityId) => new(0);

        public static Forgiving FromSnapshot(string entityId, IWireMessage snapshot) => new(CountIn(snapshot));

        public override Decision Decide(ICommand command, DateTimeOffset now) => Decision.Accept(new LineageClosed());
    }

    private sealed record Terse(int Count) : Counter<Terse>(Count), IEntityState<Terse>
    {
        public static Terse Empty(string entityId) => new(0);

        public static Terse FromSnapshot(string entityId, IWireMessage snapshot) => new(CountIn(snapshot));

        public override Decision Decide(ICommand command, DateTimeOffset now) => Decision.Invalid("", "x", "must not");
    }
}
