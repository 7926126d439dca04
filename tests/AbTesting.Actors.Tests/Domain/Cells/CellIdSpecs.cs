using Google.Protobuf;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>An exposure's and an outcome's id is its unit's as long as the test lives.</summary>
public sealed class CellIdSpecs
{
    [Fact]
    public void An_outcome_counts_once_after_ten_thousand_others_two_months_and_a_snapshot()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Configure(), Expose("ann", "a"));
        var first = Outcome("ann", "messages");
        Then(core, first);
        for (var i = 0; i < 10_000; i++)
        {
            Then(core, Outcome(i % 2 == 0 ? "ann" : $"u{i}", "revenue", 0.01));
        }

        var later = Now.AddDays(60);
        var live = Assert.IsType<CommandReply>(core.Decide(first, later).Reply);
        var restored = new EntityCore<CellState>("t/0");
        Assert.True(restored.TryRestore(Copy(core.ToSnapshot()), core.SequenceNr));

        Assert.Equal((CommandOutcome.Duplicate, 3L), (live.Outcome, live.SequenceNr));
        Assert.Equal(live, restored.Decide(first, later).Reply);
        Assert.Equal(1, ArmTotals.Of(Of(restored.State, "a", "messages")).Moments.Mean);
    }

    [Theory]
    [InlineData("value", "messages", 2, 1)]
    [InlineData("metric", "revenue", 1, 1)]
    [InlineData("occurred_at", "messages", 1, 7)]
    public void An_outcome_id_with_another_body_is_refused_and_says_what_differs(
        string differs,
        string metric,
        double value,
        double minute
    )
    {
        var first = Outcome("ann", "messages");
        var core = Then(new EntityCore<CellState>("t/0"), Configure(), Expose("ann", "a"), first);
        var other = Outcome("ann", metric, value, minute);
        other.Header = first.Header;

        Assert.Equal(
            new Rejection
            {
                Code = RejectionCode.Conflict,
                Field = "header.command_id",
                Value = first.Header.CommandId,
                Rule = $"was accepted before with another body: {differs} differs",
            },
            core.Decide(other, Now).Rejection
        );
    }

    [Fact]
    public void One_id_of_two_units_is_two_outcomes()
    {
        var (ann, bo) = (Outcome("ann", "messages"), Outcome("bo", "messages"));
        bo.Header = ann.Header;

        var cell = Given(Configure(), Expose("ann", "a"), Expose("bo", "a"), ann, bo);

        Assert.Equal(2, Of(cell, "a", "messages").Converted);
    }

    [Fact]
    public void An_outcome_that_waits_is_known()
    {
        var outcome = Outcome("ann", "messages");

        var cell = Given(Configure(), outcome, outcome, Expose("ann", "a"), outcome);

        Assert.Equal(1, ArmTotals.Of(Of(cell, "a", "messages")).Moments.Mean);
    }

    [Fact]
    public void A_repeated_exposure_is_a_duplicate_and_in_another_arm_it_is_refused()
    {
        var first = Expose("ann", "a");
        var core = Then(new EntityCore<CellState>("t/0"), Configure(), first, Expose("bo", "b"));
        var other = Expose("ann", "b");
        other.Header = first.Header;

        var again = Assert.IsType<CommandReply>(core.Decide(first, Now).Reply);
        Assert.Equal((CommandOutcome.Duplicate, 2L), (again.Outcome, again.SequenceNr));
        Assert.Equal("was accepted before with another body: arm differs", core.Decide(other, Now).Rejection!.Rule);
    }

    [Fact]
    public void An_outcome_of_an_older_journal_is_known_whatever_its_body()
    {
        var outcome = Outcome("ann", "messages");
        var core = Then(new EntityCore<CellState>("t/0"), Configure(), Expose("ann", "a"));
        var e = Assert.IsType<OutcomeRecorded>(Assert.Single(core.Decide(outcome, Now).Events));
        e.Command = 0;
        core.Apply(e);
        outcome.Value = 5;

        Assert.Equal(CommandOutcome.Duplicate, ((CommandReply)core.Decide(outcome, Now).Reply!).Outcome);
    }

    [Fact]
    public void Whatever_comes_a_journaled_id_has_one_effect() =>
        new EntityModel<CellState>(
            "t/0",
            (random, state, nr) =>
            {
                if (state.Layout.Count == 0)
                {
                    return Configure();
                }

                var (unit, id) = ($"u{random.Next(4)}", $"c-{random.Next(nr)}");
                ICommand command =
                    random.Next(3) == 0
                        ? Expose(unit, random.Next(4) == 0 ? "b" : "a")
                        : Outcome(unit, random.Next(2) == 0 ? "messages" : "match", random.Next(2));
                command.Header.CommandId = id;
                return command;
            }
        )
        {
            Invariant = (_, journal) =>
                Assert.All(
                    journal
                        .Where(e => e is OutcomeRecorded or ExposureRecorded)
                        .GroupBy(e =>
                            (Unit: e is OutcomeRecorded o ? o.Unit : ((ExposureRecorded)e).Unit, e.Header.CausationId)
                        ),
                    sameId => Assert.Single(sameId)
                ),
        }.Check();

    [Fact]
    public void Ids_are_found_again_in_any_number() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var ids = Enumerable.Range(0, random.Next(3_000)).Select(i => ($"u{random.Next(50)}", $"c-{i}")).ToArray();
            var table = AcceptedIds.Empty;
            for (var i = 0; i < ids.Length; i++)
            {
                table = table.With(Id(ids[i]), new AcceptedIds.Accepted((ulong)i, (uint)i));
                table = table.With(Id(ids[i]), new AcceptedIds.Accepted(7, 7));
            }

            var snapshot = new CellSnapshot();
            table.CopyTo(snapshot);
            var again = new CellSnapshot();
            AcceptedIds.From(snapshot).CopyTo(again);

            Assert.Equal(ids.Length, table.Count);
            Assert.Equal(snapshot, again);
            Assert.Equal(snapshot.Ids.Order(), snapshot.Ids);
            Assert.Equal(
                Enumerable.Range(0, ids.Length).Select(i => (Id(ids[i]), (uint)i)).OrderBy(x => x.Item1),
                snapshot.Ids.Zip(snapshot.Revisions)
            );
        });

    private static ulong Id((string Unit, string CommandId) id) =>
        AcceptedIds.IdOf((ulong)id.Unit.GetHashCode(StringComparison.Ordinal), id.CommandId);

    private static EntitySnapshot Copy(EntitySnapshot snapshot) =>
        EntitySnapshot.Parser.ParseFrom(snapshot.ToByteArray());
}
