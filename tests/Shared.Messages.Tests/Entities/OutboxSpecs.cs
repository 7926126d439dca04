using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>What is owed is sent until it is settled: no longer, and never under another's answer.</summary>
public class OutboxSpecs
{
    [Fact]
    public void What_the_state_owes_begins_and_what_it_owes_no_more_has_gone()
    {
        var first = Outbox.Empty.Owing([Owed("a"), Owed("b", wait: 5)]);
        var second = first.Next.Owing([Owed("b", wait: 5), Owed("c")]);

        Assert.Equal([("a", 0), ("b", 5)], first.Begun.Select(b => (b.Key, (int)b.Wait.TotalSeconds)));
        Assert.Equal(["c"], second.Begun.Select(b => b.Key));
        Assert.Equal(["a"], second.Gone);
        Assert.Null(second.Next.Send("a"));
    }

    [Fact]
    public void What_a_shell_has_begun_is_its_own_to_end()
    {
        var both = Outbox.Empty.Begin(Owed("own")).Next.Owing([Owed("a"), Owed("taken over")]).Next;
        both = both.Begin(Owed("a")).Next.Begin(Owed("later")).Next.Owing([Owed("later"), Owed("taken over")]).Next;

        Assert.Equal(["later", "taken over"], both.Owing([]).Gone.Order(StringComparer.Ordinal));
        Assert.NotNull(both.Owing([]).Next.Send("own"));
        Assert.Equal(["own"], both.EndOwn().Gone);
        Assert.NotNull(both.EndOwn().Next.Send("later"));
    }

    [Fact]
    public void After_a_restart_nothing_waits() =>
        Assert.Equal(TimeSpan.Zero, Outbox.Empty.Owing([Owed("a", wait: 5)], atOnce: true).Begun.Single().Wait);

    [Fact]
    public void What_has_not_been_sent_may_become_due_earlier_and_never_later()
    {
        var waiting = Outbox.Empty.Begin(Owed("a", wait: 5)).Next;

        Assert.Empty(waiting.Begin(Owed("a", wait: 9)).Begun);
        Assert.Equal(2, waiting.Begin(Owed("a", wait: 2)).Begun.Single().Wait.TotalSeconds);
        Assert.Empty(waiting.Begin(Owed("a", wait: 2)).Next.Begin(Owed("a", wait: 3)).Begun);
        Assert.Empty(waiting.Send("a")!.Value.Next.Begin(Owed("a")).Begun);
    }

    [Fact]
    public void A_repetition_says_what_the_state_says_now()
    {
        var sent = Outbox.Empty.Begin(Owed("a", "c-1")).Next.Send("a")!.Value;
        var again = sent.Next.Begin(Owed("a", "c-2")).Next.Send("a")!.Value;

        Assert.Equal(("c-1", 1), (sent.Attempt.Command.Header.CommandId, sent.Attempt.Number));
        Assert.Equal(("c-2", 2), (again.Attempt.Command.Header.CommandId, again.Attempt.Number));
        Assert.Null(again.Next.Hear(Reply("c-1")));
        Assert.Equal("a", again.Next.Hear(Reply("c-2"))!.Value.Settled.Key);
    }

    [Theory]
    [InlineData(CommandOutcome.Accepted, RejectionCode.Unspecified)]
    [InlineData(CommandOutcome.Duplicate, RejectionCode.Unspecified)]
    [InlineData(CommandOutcome.Rejected, RejectionCode.Invalid)]
    [InlineData(CommandOutcome.Rejected, RejectionCode.Conflict)]
    [InlineData(CommandOutcome.Rejected, RejectionCode.NotFound)]
    public void An_answer_for_good_ends_the_repetition(CommandOutcome outcome, RejectionCode code)
    {
        var sent = Outbox.Empty.Begin(Owed("a", "c-1")).Next.Send("a")!.Value.Next;

        var (next, settled) = sent.Hear(Reply("c-1", outcome, code))!.Value;

        Assert.Equal(code != RejectionCode.Unspecified, settled.Refused is not null);
        Assert.Null(next.Send("a"));
        Assert.Null(next.Hear(Reply("c-1")));
        // Still owed where nothing is journaled of it: not sent again for that.
        Assert.Empty(next.Owing([Owed("a", "c-1")]).Begun);
        // Owed anew after it had gone: another command.
        Assert.Equal(["a"], next.End("a").Next.Owing([Owed("a", "c-1")]).Begun.Select(b => b.Key));
    }

    [Theory]
    [InlineData(CommandOutcome.Unavailable, RejectionCode.Unspecified)]
    [InlineData(CommandOutcome.Rejected, RejectionCode.Overloaded)]
    [InlineData(CommandOutcome.Rejected, RejectionCode.NotAvailable)]
    public void Later_is_no_answer(CommandOutcome outcome, RejectionCode code)
    {
        var sent = Outbox.Empty.Begin(Owed("a", "c-1")).Next.Send("a")!.Value.Next;

        Assert.Null(sent.Hear(Reply("c-1", outcome, code)));
        Assert.Equal(2, sent.Send("a")!.Value.Attempt.Number);
    }

    [Fact]
    public void Another_commands_answer_is_none_and_neither_is_one_that_comes_before_it_was_sent()
    {
        var owed = Outbox.Empty.Begin(Owed("a", "c-1")).Next;

        Assert.Null(owed.Hear(Reply("c-1")));
        Assert.Null(owed.Send("a")!.Value.Next.Hear(Reply("c-9")));
        Assert.Null(owed.Hear(Reply("")));
    }

    [Fact]
    public void What_is_confirmed_by_a_command_is_settled_by_no_reply()
    {
        var sent = Outbox.Empty.Begin(Owed("a", "c-1") with { IsConfirmedByCommand = true }).Next.Send("a")!.Value.Next;

        Assert.Null(sent.Hear(Reply("c-1", CommandOutcome.Rejected, RejectionCode.Conflict)));
        Assert.Equal(2, sent.Send("a")!.Value.Attempt.Number);
    }

    [Fact]
    public void Whoever_does_not_answer_is_named()
    {
        var once = Outbox.Empty.Begin(Owed("a", "c-1")).Next.Send("a")!.Value.Next;
        var twice = once.Send("a")!.Value.Next;

        Assert.Null(once.Silent);
        Assert.Equal("a", twice.Silent?.Owed.Key);
        Assert.Null(twice.Hear(Reply("c-1"))!.Value.Next.Silent);
    }

    /// <summary>
    /// A hostile road: commands and replies are lost, doubled and late, and the sender is restarted. Whatever is owed arrives,
    /// and the receiver never has two effects of one id.
    /// </summary>
    [Fact]
    public void All_that_is_owed_arrives_however_bad_the_road_is() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var owed = Enumerable.Range(0, 6).ToDictionary(k => $"k{k}", k => Owed($"k{k}", $"c-{k}"));
            var (outbox, effects, road) = (Outbox.Empty, new HashSet<string>(), new List<CommandReply>());
            for (var step = 0; step < 2_000 && owed.Count > 0; step++)
            {
                outbox = random.Next(20) == 0 ? Outbox.Empty : outbox.Owing(owed.Values).Next;
                if (outbox.Send(owed.Keys.ElementAt(random.Next(owed.Count))) is var (sent, attempt))
                {
                    outbox = sent;
                    var id = attempt.Command.Header.CommandId;
                    if (random.Next(3) > 0)
                    {
                        road.Add(
                            random.Next(3) == 0 ? Reply(id, CommandOutcome.Unavailable)
                            : effects.Add(id) ? Reply(id)
                            : Reply(id, CommandOutcome.Duplicate)
                        );
                    }
                }

                if (road.Count > 0 && random.Next(2) == 0)
                {
                    var reply = road[random.Next(road.Count)];
                    if (outbox.Hear(reply) is var (heard, settled))
                    {
                        Assert.Contains(owed[settled.Key].Command().Header.CommandId, effects);
                        outbox = heard;
                        owed.Remove(settled.Key);
                    }
                }
            }

            Assert.Empty(owed);
            Assert.Equal(6, effects.Count);
        });

    private static OutgoingCommand Owed(string key, string commandId = "c", int wait = 0) =>
        new(
            key,
            typeof(RegistryRegion),
            () => new CheckpointLineage { Header = new CommandHeader { CommandId = commandId } },
            TimeSpan.FromSeconds(wait)
        );

    private static CommandReply Reply(
        string commandId,
        CommandOutcome outcome = CommandOutcome.Accepted,
        RejectionCode code = RejectionCode.Unspecified
    ) =>
        new()
        {
            CommandId = commandId,
            Outcome = outcome,
            Rejection = outcome == CommandOutcome.Rejected ? new Rejection { Code = code, Field = "f" } : null,
        };
}
