using System.Security.Cryptography;
using Akka.Actor;
using Akka.TestKit;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.SeedLoads;

/// <summary>Seeds on their way from a file to the audiences, a probe in the audiences' place.</summary>
public sealed class SeedLoadActorSpecs : TrainerTestKit
{
    private const int Audiences = 10;

    private static readonly SeedLoadOptions Options = new()
    {
        AtOnce = 3,
        MarkEvery = 4,
        TellAgainAfter = TimeSpan.FromMilliseconds(200),
        RetryAfter = TimeSpan.FromMilliseconds(50),
    };

    private TestProbe Users => field ??= CreateTestProbe();

    [Fact]
    public async Task Every_audience_is_told_and_the_load_says_that_it_has_ended()
    {
        var load = await Begun(Save());

        var told = new Dictionary<string, AddSeeds>(StringComparer.Ordinal);
        while (told.Count < Audiences)
        {
            var command = await Users.ExpectMsgAsync<AddSeeds>(Patience);
            told[command.UserId] = command;
            Accept(command);
        }

        var ended = await Ended(load);
        Assert.Equal(Enumerable.Range(0, Audiences).Select(k => $"c-{k}"), told.Keys.Order(StringComparer.Ordinal));
        Assert.All(told.Values, t => Assert.Equal((2, 500), (t.Seeds.Count, t.Keep)));
        Assert.Equal((Audiences, 2L * Audiences, 0), (ended.AudiencesLoaded, ended.SeedsLoaded, ended.Refused));
        Assert.Equal(("city", "v-1"), (ended.Family, ended.VersionId));
    }

    [Fact]
    public async Task No_more_than_some_are_told_at_once_and_whoever_is_silent_is_told_again()
    {
        await Begun(Save());

        AddSeeds[] first = [.. await Told(3)];
        var again = await Told(3);

        Assert.Equal(first.Select(t => t.Header.CommandId), again.Select(t => t.Header.CommandId));
    }

    [Fact]
    public async Task What_was_ended_before_its_end_goes_on_from_the_mark()
    {
        var hash = Save();
        var load = await Begun(hash);
        var first = new HashSet<string>(StringComparer.Ordinal);
        while (first.Count < 6)
        {
            // Some may be told twice.
            var command = await Users.ExpectMsgAsync<AddSeeds>(Patience);
            first.Add(command.UserId);
            Accept(command);
        }

        await AwaitConditionAsync(
            async () =>
                (await EventsOf($"seed-load-{hash}")).OfType<SeedLoadAdvanced>().LastOrDefault()?.AudiencesLoaded >= 4,
            Patience,
            Pause
        );
        await Stop(load);
        load = Load(hash);
        var told = new HashSet<string>(StringComparer.Ordinal);
        while (!(await State(load, hash)).Ready)
        {
            if (await Users.ReceiveOneAsync(Pause) is AddSeeds command)
            {
                told.Add(command.UserId);
                Accept(command);
            }
        }

        Assert.DoesNotContain("c-0", told);
        Assert.Superset(new HashSet<string>(["c-6", "c-7", "c-8", "c-9"], StringComparer.Ordinal), told);
        Assert.Equal(2L * Audiences, (await State(load, hash)).SeedsLoaded);
    }

    [Fact]
    public async Task A_refusal_is_told_and_the_others_are_loaded_all_the_same()
    {
        var load = await Begun(Save());
        var told = new HashSet<string>(StringComparer.Ordinal);
        while (told.Count < Audiences)
        {
            var command = await Users.ExpectMsgAsync<AddSeeds>(Patience);
            told.Add(command.UserId);
            if (command.UserId == "c-3")
            {
                var refusal = Rejections.Invalid("seeds[0].user_id", "a b", Ids.Rule);
                Reply(command, CommandOutcome.Rejected, refusal);
            }
            else
            {
                Accept(command);
            }
        }

        var ended = await Ended(load);
        Assert.Equal(
            (1, 2L * (Audiences - 1), "seeds[0].user_id"),
            (ended.Refused, ended.SeedsLoaded, ended.Refusal.Field)
        );
    }

    /// <summary>Audiences that keep fewer from now on do not know any more what the model was trained with.</summary>
    [Fact]
    public async Task What_audiences_keep_is_what_they_keep_now()
    {
        var hash = Save(audiences: 1);
        var load = await Begun(hash);
        Accept(await Users.ExpectMsgAsync<AddSeeds>(Patience));
        Assert.Equal((500, 500), ((await Ended(load)).Keep, (await Ended(load)).TrainedKeep));
        await Stop(load);

        var fewer = Options with { Keep = 100 };
        load = Sys.ActorOf(Props.Create(() => new SeedLoadActor(hash, fewer, TimeProvider.System, Store, Users.Ref)));

        Assert.Equal((100, 500), ((await State(load, hash)).Keep, (await State(load, hash)).TrainedKeep));
    }

    [Fact]
    public async Task Whoever_has_no_room_now_is_told_again()
    {
        await Begun(Save(audiences: 1));
        var command = await Users.ExpectMsgAsync<AddSeeds>(Patience);
        Reply(command, CommandOutcome.Rejected, Rejections.Of(RejectionCode.Overloaded, "user_id", "", ""));

        Assert.Equal(command, await Users.ExpectMsgAsync<AddSeeds>(Patience));
    }

    [Fact]
    public async Task An_audience_too_large_for_one_command_is_told_in_parts()
    {
        var hash = Save(audiences: 1, seeds: 40, nameLength: 4_000);
        var load = await Begun(hash);
        var seeds = new List<string>();
        while (seeds.Count < 40)
        {
            var part = await Users.ExpectMsgAsync<AddSeeds>(Patience);
            Assert.InRange(part.Seeds.Sum(s => s.CalculateSize()), 1, AudienceBounds.MaxCommandBytes);
            seeds.AddRange(part.Seeds.Select(s => s.UserId));
            Accept(part);
        }

        Assert.Equal(40, seeds.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(40, (await Ended(load)).SeedsLoaded);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said_and_tried_again_until_it_is()
    {
        var hash = Save();
        var file = Store.SeedsPathOf(hash);
        File.Move(file, file + ".away");
        var load = await Begun(hash);
        await AwaitConditionAsync(
            async () => (await State(load, hash)).WaitingFor.Contains("cannot be read", StringComparison.Ordinal),
            Patience,
            Pause
        );

        File.Move(file + ".away", file);

        await Users.ExpectMsgAsync<AddSeeds>(Patience);
    }

    private string Save(int audiences = Audiences, int seeds = 2, int nameLength = 4)
    {
        var path = Path.GetTempFileName();
        GivenSeedFile.Write(
            path,
            [
                .. Enumerable
                    .Range(0, audiences)
                    .Select(k =>
                        (
                            $"c-{k}",
                            Enumerable
                                .Range(0, seeds)
                                .Select(s => ($"{s}-{new string('n', nameLength)}", 1L + s))
                                .ToArray()
                        )
                    ),
            ]
        );
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        Store.SaveSeeds(path, hash);
        File.Delete(path);
        return hash;
    }

    private IActorRef Load(string hash) =>
        Sys.ActorOf(Props.Create(() => new SeedLoadActor(hash, Options, TimeProvider.System, Store, Users.Ref)));

    private async Task<IActorRef> Begun(string hash)
    {
        var load = Load(hash);
        await Accepted(
            load,
            new LoadSeeds
            {
                Header = new CommandHeader { CommandId = "load" },
                SeedsHash = hash,
                Family = "city",
                VersionId = "v-1",
            }
        );
        return load;
    }

    private async Task<IReadOnlyList<AddSeeds>> Told(int count)
    {
        var told = new List<AddSeeds>();
        while (told.Count < count)
        {
            told.Add(await Users.ExpectMsgAsync<AddSeeds>(Patience));
        }

        return told;
    }

    private void Accept(AddSeeds command) => Reply(command, CommandOutcome.Accepted);

    private void Reply(AddSeeds command, CommandOutcome outcome, Rejection? rejection = null) =>
        Users.Reply(
            new CommandReply
            {
                CommandId = command.Header.CommandId,
                Outcome = outcome,
                Rejection = rejection,
            }
        );

    private static new Task<SeedLoadReply> State(IActorRef load, string hash) =>
        load.Ask<SeedLoadReply>(new GetSeedLoad { SeedsHash = hash }, Patience);

    private async Task<SeedLoadReply> Ended(IActorRef load)
    {
        var state = new SeedLoadReply();
        await AwaitConditionAsync(async () => (state = await State(load, "")).Ready, Patience, Pause);
        return state;
    }
}
