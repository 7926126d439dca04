using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Sweeping;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Sweeping;

public sealed class SweepPlanSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [Fact]
    public void A_version_retired_for_long_gives_up_its_artefact_and_keeps_its_report()
    {
        var plan = Plan(Family(Version("old", 1, Stage.Retired), Version("new", 2, Stage.Champion)));

        var (_, released) = Assert.Single(plan.Releasable());
        Assert.Equal("old", released.VersionId);
        var needed = plan.Needed([("city", "old")]);
        Assert.Equal(
            [
                Name('a', 1, "evaluation.json"),
                Name('a', 2, "evaluation.json"),
                Name('b', 9, "test-rows"),
                Name('c', 2, "test-scores"),
                Model(2),
            ],
            needed.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void The_champion_before_the_present_one_stays_whole()
    {
        var first = Version("first", 1, Stage.Retired);
        first.History.Insert(0, Held(Stage.Champion, Now.AddDays(-300), Now.AddDays(-200)));
        var second = Version("second", 2, Stage.Retired);
        second.History.Insert(0, Held(Stage.Champion, Now.AddDays(-200), Now.AddDays(-100)));
        var plan = Plan(Family(first, second, Version("third", 3, Stage.Champion)));

        Assert.Equal(["first"], plan.Releasable().Select(r => r.Version.VersionId));
    }

    [Fact]
    public void A_version_of_a_running_experiment_stays_whole_and_one_of_an_ended_one_does_not()
    {
        foreach (
            var (state, stays) in (IEnumerable<(ExperimentStatus, bool)>)
                [
                    (ExperimentStatus.Running, true),
                    (ExperimentStatus.Paused, true),
                    (ExperimentStatus.Decided, true),
                    (ExperimentStatus.RolledBack, false),
                ]
        )
        {
            var test = new ExperimentReply
            {
                Status = state,
                Definition = new ExperimentDefinition { Family = "city", Arms = { new Arm { VersionId = "old" } } },
            };
            var holders = Holders(Family(Version("old", 1, Stage.Retired))) with { Tests = [test] };

            Assert.Equal(stays, new SweepPlan(holders, Now, Week).Releasable().IsEmpty);
        }
    }

    [Fact]
    public void What_was_judged_later_stays_with_its_version_and_what_waits_to_be_recorded_stays_too()
    {
        var later = Version("good", 2, Stage.Champion);
        later.Evaluations.Add(new LaterEvaluation { DatasetHash = "d", Evaluation = Evaluation(5) });
        var released = Version("old", 3, Stage.Retired);
        released.Evaluations.Add(new LaterEvaluation { DatasetHash = "d", Evaluation = Evaluation(6) });
        var holders = Holders(Family(later, released)) with
        {
            Evaluations =
            [
                new EvaluationsReply
                {
                    Evaluations =
                    {
                        Asked(EvaluationStatus.EvaluationJudged, 7),
                        Asked(EvaluationStatus.EvaluationRecorded, 8),
                        Asked(EvaluationStatus.EvaluationFailed, 4),
                    },
                },
            ],
        };

        var needed = new SweepPlan(holders, Now, Week).Needed([("city", "old")]);

        Assert.Superset(
            new[] { 5, 6, 7 }.Select(k => Name('a', k, "evaluation.json")).ToHashSet(StringComparer.Ordinal),
            needed.ToHashSet(StringComparer.Ordinal)
        );
        Assert.Contains(Name('c', 5, "test-scores"), needed);
        Assert.Contains(Model(7), needed);
        Assert.DoesNotContain(Name('c', 6, "test-scores"), needed);
        Assert.DoesNotContain(Model(8), needed);
        Assert.DoesNotContain(Model(4), needed);
    }

    [Fact]
    public void A_version_retired_lately_or_that_a_lineage_grew_from_stays_whole()
    {
        var late = Version("late", 1, Stage.Retired);
        late.History[^1].From = Timestamp.FromDateTimeOffset(Now - Week + TimeSpan.FromSeconds(1));
        var grown = Holders(Family(Version("base", 2, Stage.Retired))) with
        {
            Lineages = [new LineageReply { Base = Artifact(2), Checkpoint = Artifact(3) }],
        };

        Assert.Empty(Plan(Family(late)).Releasable());
        Assert.Empty(new SweepPlan(grown, Now, Week).Releasable());
    }

    [Fact]
    public void A_run_that_is_not_handed_over_keeps_its_last_and_its_best_checkpoint()
    {
        var run = new TrainingRunReply
        {
            Status = RunStatus.Training,
            Epochs =
            {
                new EpochCompleted { Epoch = 1, Checkpoint = Artifact(1) },
                new EpochCompleted
                {
                    Epoch = 2,
                    Checkpoint = Artifact(2),
                    Best = true,
                },
                new EpochCompleted { Epoch = 3, Checkpoint = Artifact(3) },
                new EpochCompleted { Epoch = 4, Checkpoint = Artifact(4) },
            },
        };

        Assert.Equal([Model(2), Model(4)], Needed(run).Order(StringComparer.Ordinal));
        run.Registered = true;
        Assert.Empty(Needed(run));
    }

    [Fact]
    public void A_young_file_stays_whoever_knows_of_it()
    {
        var files = new[] { File(1, Now - Week), File(2, Now - Week + TimeSpan.FromSeconds(1)) };

        Assert.Equal([Model(1)], Plan().Unneeded(files, []).Select(f => f.Name));
    }

    [Fact]
    public void Nothing_that_may_serve_or_go_on_is_ever_swept() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var versions = Enumerable
                .Range(0, 12)
                .Select(k => Version($"v{k}", random.Next(20), (Stage)random.Next(1, 6)))
                .ToArray();
            var lineages = Enumerable
                .Range(0, 4)
                .Select(_ => new LineageReply
                {
                    Base = Artifact(random.Next(20)),
                    Checkpoint = Artifact(random.Next(20)),
                })
                .ToImmutableArray();
            var plan = new SweepPlan(Holders(Family(versions)) with { Lineages = lineages }, Now, Week);
            var released = plan.Releasable().Select(r => (r.Family, r.Version.VersionId)).ToImmutableHashSet();
            var files = Enumerable.Range(0, 20).Select(k => File(k, Now.AddDays(-400))).ToArray();

            var gone = plan.Unneeded(files, plan.Needed(released))
                .Select(f => f.Name)
                .ToHashSet(StringComparer.Ordinal);

            Assert.All(
                versions.Where(v => v.Stage != Stage.Retired),
                v => Assert.DoesNotContain(Model(v.Artifact), gone)
            );
            Assert.All(lineages, l => Assert.DoesNotContain(Model(l.Base), gone));
            Assert.All(lineages, l => Assert.DoesNotContain(Model(l.Checkpoint), gone));
            // And what a version that was not released holds is there when it is promoted again.
            Assert.All(
                versions.Where(v => !released.Contains(("city", v.VersionId))),
                v => Assert.DoesNotContain(Model(v.Artifact), gone)
            );
        });

    private static ImmutableHashSet<string> Needed(TrainingRunReply run) =>
        new SweepPlan(Holders() with { Runs = [run] }, Now, Week).Needed([]);

    private static SweepPlan Plan(params RegistryReply[] families) => new(Holders(families), Now, Week);

    private static Holders Holders(params RegistryReply[] families) => new([.. families], [], [], [], []);

    private static RegistryReply Family(params ModelVersion[] versions) =>
        new() { Family = "city", Versions = { versions } };

    private static ModelVersion Version(string id, int artifact, Stage stage) =>
        new()
        {
            VersionId = id,
            Artifact = Artifact(artifact),
            Stage = stage,
            Evaluation = Evaluation(artifact),
            History =
            {
                new StageHeld { Stage = stage, From = Timestamp.FromDateTimeOffset(Now.AddDays(-50)) },
            },
        };

    private static EvaluationRef Evaluation(int nr) =>
        new()
        {
            Hash = Hash('a', nr),
            RowsHash = Hash('b', 9),
            ScoresHash = Hash('c', nr),
        };

    private static RequestedEvaluation Asked(EvaluationStatus phase, int nr) =>
        new()
        {
            Artifact = Artifact(nr),
            Evaluation = Evaluation(nr),
            Status = phase,
        };

    private static StageHeld Held(Stage stage, DateTimeOffset from, DateTimeOffset until) =>
        new()
        {
            Stage = stage,
            From = Timestamp.FromDateTimeOffset(from),
            Until = Timestamp.FromDateTimeOffset(until),
        };

    private static StoredFile File(int artifact, DateTimeOffset at) => new(Model(artifact), 10, at);

    private static ArtifactRef Artifact(int nr) => new() { Hash = Hash('d', nr) };

    private static string Model(int nr) => Model(Artifact(nr));

    private static string Model(ArtifactRef artifact) => $"{artifact.Hash}.safetensors";

    private static string Name(char first, int nr, string extension) => $"{Hash(first, nr)}.{extension}";

    private static string Hash(char first, int nr) => $"{first}{nr:x63}";
}
