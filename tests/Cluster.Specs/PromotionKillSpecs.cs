using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;
using Metric = RalmActors.Messages.AbTesting.Metric;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Promotions by steps in a process that is killed while they are under way, again and again: each goes on by itself where
/// it was, keeps what it has shown, and its winner becomes the champion once.
/// </summary>
public sealed class PromotionKillSpecs(ITestOutputHelper output) : IDisposable
{
    private const int InLong = 6;
    private const int Units = 120;
    private const int ShadowRequests = 20;

    private static readonly PromotionStep[] Order =
    [
        PromotionStep.Gate,
        PromotionStep.Shadow,
        PromotionStep.Rollout,
        PromotionStep.Serve,
        PromotionStep.Unspecified,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-promotion-").FullName;
    private readonly List<string> _kills = [];
    private int _visits;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_killed_promotion_goes_on_by_itself_and_its_winner_becomes_champion_once()
    {
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName);
        await host.Start();
        var data = AgeCity.Prepare(Path.Combine(_folder, "city"), users: 20, candidates: 20);
        var runs = await Task.WhenAll(AgeCity.Train(host, data, "v1"), AgeCity.Train(host, data, "v2", seed: 2));
        var random = new Random(1);
        KillPoint[][] promotions = Seeds.IsLong
            ? [.. Enumerable.Range(0, InLong).Select(_ => KillPoint.Draw(random, kills: 4))]
            :
            [
                [
                    new KillPoint(PromotionStep.Shadow, ShadowRequests / 2),
                    new KillPoint(PromotionStep.Rollout, 1),
                    new KillPoint(PromotionStep.Serve, 0),
                ],
            ];
        for (var p = 0; p < promotions.Length; p++)
        {
            var promotion = $"p{p}";
            await Register(host, promotion);
            await Win(host, promotion);
            foreach (var point in promotions[p])
            {
                await Kill(host, promotion, point);
            }

            await EndsOnce(host, promotion, runs[1]);
        }

        output.WriteLine($"{_kills.Count} kills: {string.Join("; ", _kills)}; {_visits} visits");
    }

    /// <summary>What was journaled before is there after, as it was.</summary>
    private async Task Kill(HostProcess host, string promotion, KillPoint point)
    {
        await Visit(host, promotion, t => Array.IndexOf(Order, t.Promotion.Step) >= Array.IndexOf(Order, point.Step));
        var until = _visits + point.Visits;
        var before = await Visit(host, promotion, _ => _visits >= until);
        var name = before.Promotion.Step is PromotionStep.Unspecified ? "after its end" : $"{before.Promotion.Step}";
        await host.KillNine();
        _kills.Add($"{promotion} {name}, ready after {(await host.Start()).TotalSeconds:F1} s");

        var after = await Test(host, promotion);
        Assert.Equal(before.Promotion.Steps, after.Promotion.Steps.Take(before.Promotion.Steps.Count));
        Assert.Equal(before.History, after.History.Take(before.History.Count));
    }

    private async Task EndsOnce(HostProcess host, string promotion, TrainingRunReply winner)
    {
        var test = await Visit(
            host,
            promotion,
            t => t.Status is ExperimentStatus.Promoted or ExperimentStatus.RolledBack
        );

        Assert.True(test.Status == ExperimentStatus.Promoted, test.History[^1].Reason);
        Assert.Equal(
            ["promoting b", "gate passed", "shadow passed", "rollout passed", "v2 serves"],
            test.History.Select(h => h.What).SkipWhile(w => w != "promoting b")
        );
        var steps = test.Promotion.Steps;
        Assert.Equal(Order.Take(3), steps.Select(s => s.Step));
        Assert.All(steps, s => Assert.Equal(("v2", "v1"), (s.VersionId, s.ChampionVersionId)));
        Assert.Equal(winner.Artifact.WeightsHash, steps[0].Gate.WeightsHash);
        Assert.InRange(steps[1].Shadow.Requests, ShadowRequests, _visits);
        Assert.Equal(0, steps[1].Shadow.Failures);
        Assert.True(steps[2].Rollout is { Ended: true, Through: true, Exposure: Assignment.Buckets });

        var rollout = await Test(host, Rollouts.IdOf(promotion));
        Assert.Equal((promotion, ExperimentStatus.Decided), (rollout.RolloutOf, rollout.Status));
        Assert.Equal(["phase 1 at 50 %", "phase 2 at 100 %"], rollout.History.Select(h => h.What).Skip(1).SkipLast(1));

        var family = await host.Get<RegistryReply>($"/training/registry/{promotion}");
        Assert.Equal("v2", family.ChampionVersionId);
        Assert.Equal([Stage.Candidate, Stage.Champion, Stage.Retired], Stages(family, "v1"));
        Assert.Equal([Stage.Candidate, Stage.Shadow, Stage.Canary, Stage.Champion], Stages(family, "v2"));
    }

    private static IEnumerable<Stage> Stages(RegistryReply family, string version) =>
        family.Versions.Single(v => v.VersionId == version).History.Select(h => h.Stage);

    private static Task<ExperimentReply> Test(HostProcess host, string id) =>
        host.Get<ExperimentReply>($"/training/ab-testing/{id}");

    /// <summary>People come, one right after the other, naming the test, until it is so.</summary>
    private async Task<ExperimentReply> Visit(HostProcess host, string promotion, Predicate<ExperimentReply> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var test = await Test(host, promotion);
            if (holds(test))
            {
                return test;
            }

            patience.Token.ThrowIfCancellationRequested();
            var visit = new Score
            {
                RequestId = $"visit-{++_visits}",
                Family = promotion,
                UserId = $"user-{_visits}",
                User = AgeCity.Person(20 + (_visits % 40)),
                ExperimentId = promotion,
                Candidates =
                {
                    new Candidate { CandidateId = "candidate", Features = AgeCity.Person(30) },
                },
            };
            Assert.Null((await host.Ask<ScoreReply>("/training/score", visit)).Rejection);
        }
    }

    /// <summary>A family of the promotion's own, where v1 serves.</summary>
    private static async Task Register(HostProcess host, string family)
    {
        var trained = await host.Get<RegistryReply>("/training/registry/city");
        foreach (var version in trained.Versions)
        {
            var register = new RegisterVersion
            {
                Header = Header($"{family}-{version.VersionId}"),
                VersionId = version.VersionId,
                Artifact = version.Artifact,
                DatasetHash = version.DatasetHash,
                SchemaId = version.SchemaId,
                ProducedBy = version.ProducedBy,
            };
            await host.Accepted($"/training/registry/{family}/versions", register);
        }

        var serve = new SetStage
        {
            Header = Header($"{family}-serves"),
            VersionId = "v1",
            Stage = Stage.Champion,
        };
        await host.Accepted($"/training/registry/{family}/stages", serve);
    }

    /// <summary>Five of six match in arm b and one of six in arm a; what has won is to be promoted.</summary>
    private static async Task Win(HostProcess host, string promotion)
    {
        var definition = new ExperimentDefinition
        {
            Family = promotion,
            Metrics = { new Metric { Name = "match" } },
            Cells = 1,
            MinUnitsPerArm = Units / 3,
            Arms = { Arm("a", "v1"), Arm("b", "v2") },
            Promotion = new PromotionPlan
            {
                ShadowRequests = ShadowRequests,
                ShadowSlowdown = 1000,
                StepSeconds = 1,
                Ramp = { 5000, Assignment.Buckets },
            },
        };
        var test = $"/training/ab-testing/{promotion}";
        var create = new CreateExperiment
        {
            Header = Header($"{promotion}-create"),
            ExperimentId = promotion,
            Definition = definition,
        };
        await host.Accepted("/training/ab-testing", create);
        await host.Accepted($"{test}/start", new StartExperiment { Header = Header("start") });
        var assignment = new Assignment(
            new RunningExperiment
            {
                Salt = promotion,
                Arms = { definition.Arms },
                Exposure = Assignment.Buckets,
                Cells = 1,
            }
        );
        await Parallel.ForEachAsync(Enumerable.Range(0, Units), (unit, _) => Meet(host, test, unit, assignment));
        await Eventually.Is(async () => (await Test(host, promotion)).Current.Winner == "b");
        await host.Accepted($"{test}/stop", new StopExperiment { Header = Header("stop") });
        await Eventually.Is(async () => (await Test(host, promotion)).Status == ExperimentStatus.Decided);
        await host.Accepted($"{test}/promote", new PromoteWinner { Header = Header("promote") });
    }

    private static async ValueTask Meet(HostProcess host, string test, int unit, Assignment assignment)
    {
        var exposure = new RecordExposure { Header = Header($"shown-{unit}"), Unit = $"unit-{unit}" };
        await host.Accepted($"{test}/exposures", exposure);
        if (assignment.Assign(exposure.Unit).Arm == 1 ? unit % 12 > 1 : unit % 12 == 0)
        {
            var outcome = new RecordOutcome
            {
                Header = Header($"match-{unit}"),
                Unit = exposure.Unit,
                Metric = "match",
                Value = 1,
            };
            await host.Accepted($"{test}/outcomes", outcome);
        }
    }

    private static Arm Arm(string name, string version) =>
        new()
        {
            Name = name,
            Weight = Assignment.Buckets / 2,
            VersionId = version,
        };

    private static CommandHeader Header(string id) => new() { CommandId = id };

    /// <param name="Step">Killed when the promotion is at this step, or further.</param>
    /// <param name="Visits">So many people later.</param>
    private sealed record KillPoint(PromotionStep Step, int Visits)
    {
        public static KillPoint[] Draw(Random random, int kills) =>
            [
                .. Enumerable
                    .Range(0, kills)
                    .Select(_ => new KillPoint(Order[random.Next(4)], random.Next(40)))
                    .OrderBy(p => Array.IndexOf(Order, p.Step)),
            ];
    }
}
