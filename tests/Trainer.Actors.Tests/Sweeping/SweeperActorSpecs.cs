using Akka.Actor;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Storage;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Sweeping;

/// <summary>Sweeps of a real folder, beside real runs and a real registry.</summary>
public sealed class SweeperActorSpecs : TrainerTestKit
{
    private const string Foreign = "notes.txt";

    [Fact]
    public async Task A_run_broken_off_ends_with_the_same_weights_after_everything_unneeded_was_swept()
    {
        var trainer = Trainer(PlantedData.Open(testRows: 200));
        var whole = await RegisteredBy(Run("whole", trainer), GivenRun.Start("whole", maxEpochs: 4));
        var observer = CreateTestProbe();
        // Dies in the fourth epoch.
        var dying = Sys.ActorOf(Relay.Props(Trainer(), 1 + (3 * 5) + 2, observer.Ref));
        var broken = Run("broken", dying);
        await Accepted(broken, GivenRun.Start("broken", maxEpochs: 4));
        await observer.ExpectMsgAsync<Relay.Dead>(Patience);
        var registry = await Family(whole);
        Age();
        var before = Files();

        var reply = await Sweep(Sweeper(broken, registry, "training-run-broken", "registry-city"));

        Assert.Null(reply.Rejection);
        Assert.NotEmpty(reply.Files);
        Assert.Equal(before.Except(reply.Files.Select(f => f.Name)), Files());
        Assert.Equal(whole.Artifact.WeightsHash, Store.Load(whole.Artifact).WeightsHash);
        Assert.Equal(200, new EvaluationStore(Store.Folder).Rows(whole.Evaluation.RowsHash).Labels.Count);
        Assert.Contains(Foreign, Files());

        await Stop(broken);
        _ = Run("broken", trainer);
        Assert.Equal(whole.Artifact, (await Registration()).Artifact);
    }

    [Fact]
    public async Task A_dry_run_deletes_nothing_and_says_what_would_go()
    {
        var whole = await RegisteredBy(Run("whole", Trainer()), GivenRun.Start("whole"));
        var registry = await Family(whole);
        Age();
        var before = Files();
        var run = Run("whole", CreateTestProbe().Ref);

        var dry = await Sweep(Sweeper(run, registry, "training-run-whole", "registry-city"), dryRun: true);
        Assert.Equal(before, Files());
        var real = await Sweep(Sweeper(run, registry, "training-run-whole", "registry-city"));

        Assert.Equal(dry.Files, real.Files);
        Assert.Equal(dry.Bytes, real.Files.Sum(f => f.Bytes));
        Assert.Equal(
            new[] { Foreign, $"{whole.Artifact.Hash}.safetensors", $"{whole.Evaluation.Hash}.evaluation.json" }.Order(
                StringComparer.Ordinal
            ),
            Files()
        );
    }

    [Fact]
    public async Task An_owner_that_does_not_answer_properly_stops_the_sweep()
    {
        var whole = await RegisteredBy(Run("whole", Trainer()), GivenRun.Start("whole"));
        Age();
        var before = Files();
        var silent = CreateTestProbe();
        var sweep = Sweep(Sweeper(silent.Ref, silent.Ref, "training-run-whole"));
        await silent.ExpectMsgAsync<GetTrainingRun>(Patience);
        silent.Reply(new CommandReply { Outcome = CommandOutcome.Unavailable });

        var reply = await sweep;

        Assert.Equal(RejectionCode.Overloaded, reply.Rejection.Code);
        Assert.Contains("training-run whole", reply.Rejection.Rule);
        Assert.Equal(before, Files());
        Assert.NotNull(whole.Artifact);
    }

    [Fact]
    public void A_file_wanted_again_between_look_and_deletion_stays()
    {
        var artifact = Store.Save(new ModelArtifact(Card, [], [], null));
        Age();
        var folder = new SweptFolder(Store.Folder);
        var seen = folder.List().Single(f => f.Name.StartsWith(artifact.Hash, StringComparison.Ordinal));

        Store.Save(new ModelArtifact(Card, [], [], null));

        Assert.False(folder.Delete(seen));
        Assert.NotNull(Store.Load(artifact));
    }

    [Fact]
    public void What_a_killed_sweep_set_aside_is_put_back()
    {
        var artifact = Store.Save(new ModelArtifact(Card, [], [], null));
        var path = Path.Combine(Store.Folder, $"{artifact.Hash}.safetensors");
        File.Move(path, $"{path}.swept");

        Assert.Equal([$"{artifact.Hash}.safetensors"], new SweptFolder(Store.Folder).List().Select(f => f.Name));
        Assert.NotNull(Store.Load(artifact));
    }

    [Fact]
    public async Task A_grace_period_too_short_is_refused_by_name()
    {
        var nobody = CreateTestProbe().Ref;

        var reply = await Sweeper(nobody, nobody).Ask<SweepReply>(new SweepArtifacts { GraceS = 59 }, Patience);

        Assert.Equal(("grace_s", "59"), (reply.Rejection.Field, reply.Rejection.Value));
    }

    [Fact]
    public async Task Where_the_owner_wants_it_files_are_swept_by_the_clock_on_the_node_whose_turn_it_is()
    {
        var nobody = CreateTestProbe().Ref;
        var artifact = Store.Save(new ModelArtifact(Card, [], [], null));
        Age();
        var (looks, isItsTurn) = (0, false);
        var options = new SweepOptions { Every = TimeSpan.FromMilliseconds(20) };
        Sweeper(
            nobody,
            nobody,
            options,
            () =>
            {
                Interlocked.Increment(ref looks);
                return Volatile.Read(ref isItsTurn);
            }
        );

        await AwaitConditionAsync(() => Task.FromResult(Volatile.Read(ref looks) > 2), Patience, Pause);
        Assert.True(Store.Contains(artifact.Hash));
        Volatile.Write(ref isItsTurn, true);

        await AwaitConditionAsync(() => Task.FromResult(!Store.Contains(artifact.Hash)), Patience, Pause);
        Assert.Equal([Foreign], Files());
    }

    [Fact]
    public async Task A_sweep_by_the_clock_keeps_what_is_younger_than_the_owners_grace_period()
    {
        var nobody = CreateTestProbe().Ref;
        var artifact = Store.Save(new ModelArtifact(Card, [], [], null));
        Age();
        var looks = 0;
        var options = new SweepOptions { Every = TimeSpan.FromMilliseconds(20), Grace = TimeSpan.FromDays(31) };
        Sweeper(nobody, nobody, options, () => Interlocked.Increment(ref looks) > 0);

        // A sweep ends before the next one looks.
        await AwaitConditionAsync(() => Task.FromResult(Volatile.Read(ref looks) > 2), Patience, Pause);

        Assert.True(Store.Contains(artifact.Hash));
    }

    private static ModelCard Card =>
        new()
        {
            Model = new ModelConfig(),
            SchemaJson = "",
            SchemaId = "s",
        };

    private async Task<IActorRef> Family(RegisterVersion version)
    {
        var topics = CreateTestProbe().Ref;
        ArtifactCheck all = (_, _) => Task.FromResult<Rejection?>(null);
        var registry = Sys.ActorOf(
            Props.Create(() =>
                new RegistryActor("city", new EntityOptions(), TimeProvider.System, topics, all, ActorRegistry.For(Sys))
            )
        );
        await Accepted(registry, version);
        return registry;
    }

    private IActorRef Sweeper(IActorRef runs, IActorRef registry, params string[] journaled) =>
        Sweeper(runs, registry, new SweepOptions(), () => true, journaled);

    private IActorRef Sweeper(
        IActorRef runs,
        IActorRef registry,
        SweepOptions options,
        Func<bool> isItsTurn,
        params string[] journaled
    )
    {
        ActorRegistry.TryRegister<RegistryRegion>(registry, overwrite: true);
        ActorRegistry.TryRegister<TrainingRunRegion>(runs, overwrite: true);
        var (folder, regions) = (Store.Folder, ActorRegistry);
        Task<IReadOnlyCollection<string>> Ids() => Task.FromResult<IReadOnlyCollection<string>>(journaled);
        Func<Task<IReadOnlyCollection<string>>> ids = Ids;
        return Sys.ActorOf(
            Props.Create(() => new SweeperActor(folder, TimeProvider.System, regions, ids, options, isItsTurn))
        );
    }

    private static Task<SweepReply> Sweep(IActorRef sweeper, bool dryRun = false) =>
        sweeper.Ask<SweepReply>(new SweepArtifacts { DryRun = dryRun }, Patience);

    private string[] Files() =>
        [.. Directory.EnumerateFiles(Store.Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    /// <summary>As if all of it had been written a month ago; with a file that is not ours.</summary>
    private void Age()
    {
        File.WriteAllText(Path.Combine(Store.Folder, Foreign), "mine");
        foreach (var file in Directory.EnumerateFiles(Store.Folder))
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().AddDays(-30).UtcDateTime);
        }
    }
}
