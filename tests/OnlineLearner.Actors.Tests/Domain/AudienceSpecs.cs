using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class AudienceSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.49f, false)]
    [InlineData(0.5f, true)]
    [InlineData(1, true)]
    public void A_response_of_at_least_a_half_is_told_to_the_candidate(float label, bool told)
    {
        var user = After(UserState.Empty("u-1"), Given.Interaction("i-1", candidateId: "u-2", label: label));

        var seed = SeedOutbox.Next(user, "u-2", keep: 7);

        Assert.Equal(told, seed is not null);
        if (seed is not null)
        {
            Assert.Equal(("u-2", "u-1", 1, 7), (seed.UserId, seed.SeedUserId, seed.SampleSeq, seed.Keep));
        }
    }

    [Fact]
    public void A_seed_of_an_older_journal_that_wrote_no_zeros_is_taken()
    {
        var seed = Given.Seed("s-1", seq: 1);
        seed.Features = new Features
        {
            Items =
            {
                new Feature
                {
                    Name = "here",
                    Position = new Position { Longitude = 13.4 },
                },
            },
        };

        Assert.Null(UserState.Empty(seed.UserId).Decide(seed, Now).Rejection);
    }

    [Fact]
    public void A_seed_has_the_features_of_its_user_as_they_were()
    {
        var profile = new UpdateProfile
        {
            Header = new CommandHeader { CommandId = "p-1" },
            UserId = "u-1",
            Profile = Given.Features(("age", 40)),
        };
        var user = After(UserState.Empty("u-1"), profile, Given.Interaction("i-1"));

        var candidate = After(UserState.Empty("u-2"), SeedOutbox.Next(user, "u-2", 500)!);

        var seed = Assert.Single(candidate.Audience.Seeds);
        Assert.Equal(profile.Profile, seed.Features);
        Assert.Equal(1_700_000_000, seed.At.Seconds);
    }

    [Fact]
    public void A_candidate_is_told_one_after_the_other_and_none_waits_for_another()
    {
        var user = After(
            UserState.Empty("u-1"),
            Given.Interaction("i-1", candidateId: "u-2"),
            Given.Interaction("i-2", candidateId: "u-3", label: 0),
            Given.Interaction("i-3", candidateId: "u-4"),
            Given.Interaction("i-4", candidateId: "u-4")
        );
        Assert.Equal(["u-2", "u-4"], user.Untold.Keys);
        var told = new List<long>();
        while (SeedOutbox.Next(user, "u-4", 500) is { } seed)
        {
            told.Add(seed.SampleSeq);
            var answer = UserState.Empty(seed.UserId).Decide(seed, Now).Reply;
            user = After(user, Assert.IsType<DeliveryAcknowledged>(answer));
        }

        Assert.Equal([3, 4], told);
        Assert.Equal(["u-2"], user.Untold.Keys);
    }

    [Fact]
    public void A_seed_told_again_is_answered_and_changes_nothing()
    {
        var candidate = After(UserState.Empty("u-1"), Given.Seed("s-1", seq: 3));

        var again = candidate.Decide(Given.Seed("s-1", seq: 3), Now);

        Assert.Empty(again.Events);
        Assert.Equal(3, Assert.IsType<DeliveryAcknowledged>(again.Reply).ThroughSeq);
        Assert.Empty(candidate.Decide(Given.Seed("s-1", seq: 2), Now).Events);
    }

    [Fact]
    public void A_user_who_responds_again_is_one_seed_renewed()
    {
        var candidate = After(
            UserState.Empty("u-1"),
            Given.Seed("s-1", seq: 1, at: 10),
            Given.Seed("s-2", seq: 1, at: 20),
            Given.Seed("s-1", seq: 2, at: 30)
        );

        Assert.Equal([("s-1", 3), ("s-2", 2)], candidate.Audience.Seeds.Select(s => (s.UserId, s.Version)));
    }

    [Fact]
    public void Only_the_newest_are_kept_in_whatever_order_they_come_and_those_let_go_do_not_come_back()
    {
        AddSeed[] seeds = [.. Enumerable.Range(1, 20).Select(k => Given.Seed($"s-{k:00}", at: k, keep: 5))];
        foreach (var order in (AddSeed[][])[seeds, [.. seeds.Reverse()], [.. seeds.OrderBy(s => s.At.Seconds % 7)]])
        {
            var candidate = After(UserState.Empty("u-1"), [.. order, .. order]);

            Assert.Equal(["s-16", "s-17", "s-18", "s-19", "s-20"], candidate.Audience.Seeds.Select(s => s.UserId));
        }
    }

    [Fact]
    public void An_audience_never_takes_more_than_a_mebibyte()
    {
        var candidate = UserState.Empty("u-1");
        for (var k = 1; k <= 100; k++)
        {
            var seed = Given.Seed($"s-{k:000}", at: k, keep: 10_000);
            seed.Features.Items.Add(Long(texts: 60));
            candidate = After(candidate, seed);
        }

        Assert.InRange(candidate.Audience.Seeds.Sum(s => s.CalculateSize()), 1_000_000, Audience.MaxBytes);
        Assert.Equal(candidate.Audience.Seeds.Sum(s => (long)s.CalculateSize()), candidate.Audience.Bytes);
        Assert.Equal("s-100", candidate.Audience.Seeds.Last().UserId);
    }

    [Fact]
    public void A_response_from_the_future_happened_now()
    {
        var candidate = After(UserState.Empty("u-1"), Given.Seed("s-1", at: Now.AddYears(5).ToUnixTimeSeconds()));

        Assert.Equal(Now, Assert.Single(candidate.Audience.Seeds).At.ToDateTimeOffset());
    }

    [Fact]
    public void A_reader_that_asks_with_the_version_it_knows_ends_with_the_same_seeds()
    {
        var random = new Random(5);
        var candidate = UserState.Empty("u-1");
        var copy = new Dictionary<string, Seed>(StringComparer.Ordinal);
        var version = 0L;
        for (var k = 1; k <= 300; k++)
        {
            var seed = Given.Seed($"s-{random.Next(60)}", seq: k, at: random.Next(1_000), keep: 40);
            seed.Features.Items.Add(Long(texts: 36));
            candidate = After(candidate, seed);
            if (k % 50 > 0)
            {
                continue;
            }

            AudienceReply reply;
            do
            {
                var asked = new GetAudience { UserId = "u-1", KnownVersion = version };
                reply = (AudienceReply)candidate.Answer(asked);
                Assert.InRange(reply.CalculateSize(), 1, 100_000);
                Follow(copy, reply);
                version = reply.Version;
            } while (reply.More);

            Assert.Equal(
                candidate.Audience.Seeds.Select(s => (s.UserId, s.Version)),
                copy.Values.Select(s => (s.UserId, s.Version)).OrderBy(s => s.UserId, StringComparer.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData("seed_user_id", "")]
    [InlineData("seed_user_id", "u-1")]
    [InlineData("sample_seq", "0")]
    [InlineData("keep", "0")]
    [InlineData("keep", "10001")]
    public void A_bad_seed_is_refused_by_its_field(string field, string value)
    {
        var seed = Given.Seed("s-1");
        var descriptor = AddSeed.Descriptor.FindFieldByName(field);
        descriptor.Accessor.SetValue(
            seed,
            descriptor.FieldType switch
            {
                Google.Protobuf.Reflection.FieldType.String => value,
                Google.Protobuf.Reflection.FieldType.Int64 => long.Parse(value),
                _ => int.Parse(value),
            }
        );

        var rejection = UserState.Empty("u-1").Decide(seed, Now).Rejection;

        Assert.Equal((field, value), (rejection?.Field, rejection?.Value));
    }

    /// <summary>What whoever follows an audience does with a reply.</summary>
    private static void Follow(Dictionary<string, Seed> copy, AudienceReply reply)
    {
        foreach (var seed in reply.Seeds)
        {
            copy[seed.UserId] = seed;
        }

        if (reply is { More: false, EvictedThrough: { } letGo })
        {
            var gone = copy.Values.Where(s =>
                s.At.CompareTo(letGo.At) is var age
                && (age < 0 || (age == 0 && string.CompareOrdinal(s.UserId, letGo.UserId) <= 0))
            );
            foreach (var seed in gone.ToList())
            {
                copy.Remove(seed.UserId);
            }
        }
    }

    /// <param name="texts">Of 252 bytes each.</param>
    private static Feature Long(int texts) =>
        new()
        {
            Name = "about",
            Texts = new TextList { Values = { Enumerable.Repeat(new string('x', 249), texts) } },
        };

    private static UserState After(UserState state, params ICommand[] commands)
    {
        foreach (var command in commands)
        {
            var decision = state.Decide(command, Now);
            Assert.False(decision.IsRejected, decision.Rejection?.ToString());
            state = decision.Events.Aggregate(state, (s, e) => s.Apply(e));
        }

        return state;
    }
}
