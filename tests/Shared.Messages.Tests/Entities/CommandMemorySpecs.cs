using System.Globalization;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class CommandMemorySpecs
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [Fact]
    public void It_recognises_what_was_accepted_and_nothing_else()
    {
        var memory = After(("c-1", TimeSpan.Zero));

        Assert.True(Knows(memory, "c-1"));
        Assert.False(Knows(memory, "c-2"));
        Assert.False(Knows(memory, "C-1"));
    }

    [Fact]
    public void Ten_thousand_others_in_a_week_make_nothing_forgotten()
    {
        var memory = After([.. Enumerable.Range(0, 10_001).Select(i => ($"c-{i}", TimeSpan.FromDays(7) * i / 10_000))]);

        Assert.Equal(10_001, memory.Count);
        Assert.True(Knows(memory, "c-0"));
    }

    [Fact]
    public void After_its_time_and_an_hour_a_command_is_forgotten()
    {
        (string, TimeSpan)[] hourly = [.. Enumerable.Range(0, 171).Select(h => ($"h-{h}", TimeSpan.FromHours(h)))];

        Assert.True(Knows(After(hourly[..170]), "h-0"));
        Assert.False(Knows(After(hourly), "h-0"));
        Assert.True(Knows(After(hourly), "h-1"));
    }

    [Fact]
    public void Where_little_happens_commands_are_remembered_longer()
    {
        var daily = After([.. Enumerable.Range(0, 100).Select(d => ($"d-{d}", TimeSpan.FromDays(d)))]);

        Assert.True(Knows(daily, "d-0"));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-30)]
    [InlineData(3650)]
    public void A_clock_that_was_wrong_for_a_while_makes_nothing_forgotten(int days)
    {
        var wrong = TimeSpan.FromDays(days);
        var memory = After(
            ("c-1", TimeSpan.Zero),
            ("c-2", wrong),
            ("c-3", wrong + TimeSpan.FromSeconds(1)),
            ("c-4", TimeSpan.FromMinutes(1)),
            ("c-5", TimeSpan.FromDays(6))
        );

        Assert.All(["c-1", "c-2", "c-3", "c-4", "c-5"], id => Assert.True(Knows(memory, id)));
    }

    [Fact]
    public void A_clock_set_back_goes_on_from_there()
    {
        (string, TimeSpan)[] hourly =
        [
            ("c-1", TimeSpan.FromDays(400)),
            .. Enumerable.Range(0, 171).Select(h => ($"h-{h}", TimeSpan.FromHours(h))),
        ];

        Assert.False(Knows(After(hourly), "c-1"));
    }

    [Fact]
    public void A_command_of_several_events_was_answered_with_the_last_ones_number()
    {
        var memory = After(("c-1", TimeSpan.Zero), ("c-2", TimeSpan.Zero), ("c-2", TimeSpan.Zero), ("c-3", Week));

        Assert.True(memory.TryGet("c-2", out var accepted));
        Assert.Equal(3, accepted.SequenceNr);
    }

    [Fact]
    public void What_is_not_to_be_remembered_is_not()
    {
        var memory = new CommandMemory(Week);
        var header = Header("c-1", TimeSpan.Zero);
        header.Idempotent = true;
        memory.Observe(header, 1);

        Assert.Equal(0, memory.Count);
    }

    [Theory]
    [InlineData("00:59:59")]
    [InlineData("90.00:00:01")]
    [InlineData("-1")]
    public void A_time_outside_an_hour_to_ninety_days_is_refused(string time)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new CommandMemory(TimeSpan.Parse(time, CultureInfo.InvariantCulture))
        );

        Assert.Contains("must be 1 hour to 90 days", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_commands_take_thirty_kilobytes_of_the_snapshot()
    {
        var memory = After([.. Enumerable.Range(0, 1_000).Select(i => ($"c-{i}", TimeSpan.FromSeconds(10 * i)))]);

        Assert.InRange(memory.ToMessage().CalculateSize(), 24_000, 30_000);
    }

    /// <summary>The layout is stored: the low half of XXH128.</summary>
    [Fact]
    public void Ids_are_stored_as_the_first_release_does()
    {
        var message = After(("c-1", TimeSpan.Zero), ("c-2", TimeSpan.Zero)).ToMessage();

        Assert.Equal([0x62a08e113fb1cd0c, 0xb55628b289c1f5b7], message.Ids);
    }

    [Fact]
    public void Digests_of_an_older_snapshot_are_recognised_whatever_the_body()
    {
        var memory = new CommandMemory(Week);
        var older = Convert.FromHexString("0ccdb13f118ea0625c7d8455d5fc47e5b7f5c189b22856b575ed3c4ae4f18b07");
        memory.Restore(new EntitySnapshot { Dedup = ByteString.CopyFrom(older) });

        Assert.Equal(2, memory.Count);
        Assert.True(memory.TryGet("c-1", out var accepted));
        Assert.False(accepted.IsOtherThan(new CommandDigest { Body = 7 }));
        Assert.True(Knows(memory, "c-2"));
    }

    [Fact]
    public void Restored_it_behaves_like_the_original_from_there_on() =>
        Gen.Select(Moments, Moments)
            .Sample(
                (before, after) =>
                {
                    var original = After([.. before.Select(m => ($"c-{m.Id}", TimeSpan.FromHours(m.Hours)))]);
                    var restored = new CommandMemory(Week);
                    restored.Restore(new EntitySnapshot { Remembered = original.ToMessage() });
                    for (var i = 0; i < after.Length; i++)
                    {
                        var header = Header($"c-{after[i].Id}", TimeSpan.FromHours(after[i].Hours));
                        original.Observe(header, before.Length + i + 1);
                        restored.Observe(header, before.Length + i + 1);
                    }

                    Assert.Equal(original.ToMessage(), restored.ToMessage());
                }
            );

    private static Gen<(int Id, int Hours)[]> Moments => Gen.Select(Gen.Int[0, 40], Gen.Int[-50, 900]).Array[0, 60];

    private static bool Knows(CommandMemory memory, string commandId) => memory.TryGet(commandId, out _);

    private static CommandMemory After(params (string CommandId, TimeSpan At)[] events)
    {
        var memory = new CommandMemory(Week);
        for (var i = 0; i < events.Length; i++)
        {
            memory.Observe(Header(events[i].CommandId, events[i].At), i + 1);
        }

        return memory;
    }

    private static EventHeader Header(string commandId, TimeSpan at) =>
        new()
        {
            CausationId = commandId,
            At = Timestamp.FromDateTimeOffset(Say.T0 + at),
            Command = new CommandDigest { Body = (ulong)commandId.Length, Fields = 1 },
        };
}
