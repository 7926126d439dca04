using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.ClusterHost.Tests.Training;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Experiments;

/// <summary>A promotion by steps as a team lives through it: two trained models, one node, SQLite, REST.</summary>
public sealed class StepwisePromotionSpecs(TrainedTown town) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>A rollout of seconds is over before many have come one behind the other to a busy machine: nobody would see it.</summary>
    private const int AtOnce = 8;

    private readonly TrainedNode _trained = new(town);
    private RestTransport _transport = null!;
    private ServiceClient _service = null!;
    private int _commands;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _trained.InitializeAsync();
        _transport = RestTransport.To(_trained.Node.Client.BaseAddress!, TestNode.Key, TimeSpan.FromSeconds(20));
        _service = new ServiceClient(_transport, Patience);
        await Tell<RegistryRegion>(
            new SetStage
            {
                Header = Header(),
                Family = TrainedNode.Family,
                VersionId = "hasty",
                Stage = Stage.Champion,
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await _trained.DisposeAsync();
    }

    [Fact]
    public async Task A_winner_passes_the_gate_scores_in_shadow_is_rolled_out_and_serves()
    {
        await Decide("t");
        await Tell<AbTestRegion>(new PromoteWinner { Header = Header(), ExperimentId = "t" });

        var seen = new List<(string Test, string Version)>();
        var test = await Serve("t", t => t.Status is ExperimentStatus.Promoted or ExperimentStatus.RolledBack, seen);

        Assert.True(test.Status == ExperimentStatus.Promoted, test.History[^1].Reason);
        Assert.Equal(
            [PromotionStep.Gate, PromotionStep.Shadow, PromotionStep.Rollout],
            test.Promotion.Steps.Select(s => s.Step)
        );
        Assert.InRange(test.Promotion.Steps[1].Shadow.Requests, 20, 10_000);
        Assert.Equal(0, test.Promotion.Steps[1].Shadow.Failures);
        // In shadow nobody sees it; whoever named the test then took part in its rollout.
        Assert.All(seen.TakeWhile(s => s.Test.Length == 0), s => Assert.Equal("hasty", s.Version));
        Assert.Contains(("t:rollout", "good"), seen);
        var family = await _service.Ask<RegistryRegion, RegistryReply>(
            new GetRegistry { Family = TrainedNode.Family },
            Ct
        );
        Assert.Equal("good", family.ChampionVersionId);
        Assert.Equal(
            [Stage.Candidate, Stage.Shadow, Stage.Canary, Stage.Champion],
            family.Versions.Single(v => v.VersionId == "good").History.Select(h => h.Stage)
        );

        var rollout = await Test("t:rollout");
        Assert.Equal(("t", true), (rollout.RolloutOf, rollout.RampCompleted));
        Assert.Equal("t:rollout", test.Promotion.RolloutExperimentId);
        var page = await _trained.Node.Text("/training/ab-testing/t/report.html");
        Assert.Contains("<h2>Promotion of good</h2>", page, StringComparison.Ordinal);
        Assert.Contains("through its ramp", page, StringComparison.Ordinal);
        var listed = await _service.Ask<CatalogueKey, ExperimentsReply>(new ListExperiments(), Ct);
        Assert.Equal("t", Assert.Single(listed.Experiments, l => l.ExperimentId == "t:rollout").RolloutOf);
    }

    [Fact]
    public async Task A_person_ends_it_and_the_champion_serves_on()
    {
        await Decide("t", stepSeconds: 600);
        await Tell<AbTestRegion>(new PromoteWinner { Header = Header(), ExperimentId = "t" });
        await Serve("t", t => t.Promotion.Step == PromotionStep.Rollout, []);
        var assigned = await Assigned("t:rollout");
        Assert.Equal(("good", "candidate"), (assigned.VersionId, assigned.Arm));
        await Tell<AbTestRegion>(
            new RollBackExperiment
            {
                Header = Header(),
                ExperimentId = "t",
                Reason = "people complain",
            }
        );

        var test = await Serve("t", t => t.Status == ExperimentStatus.RolledBack, []);

        Assert.Equal(
            ("people complain", "ann"),
            (test.Promotion.Steps[^1].Reason, test.Promotion.Steps[^1].Header.Author)
        );
        var family = await _service.Ask<RegistryRegion, RegistryReply>(
            new GetRegistry { Family = TrainedNode.Family },
            Ct
        );
        Assert.Equal("hasty", family.ChampionVersionId);
        Assert.Equal(Stage.Retired, family.Versions.Single(v => v.VersionId == "good").Stage);
    }

    /// <summary>People go on coming, naming the test they know, until it is so.</summary>
    private async Task<ExperimentReply> Serve(
        string experimentId,
        Predicate<ExperimentReply> holds,
        List<(string Test, string Version)> seen
    )
    {
        using var patience = new CancellationTokenSource(Patience);
        for (var visit = 0; ; visit += AtOnce)
        {
            var visits = Enumerable
                .Range(visit, AtOnce)
                .Select(v => _service.Score(Visit(v, experimentId), patience.Token));
            seen.AddRange((await Task.WhenAll(visits)).Select(reply => (reply.ExperimentId, reply.VersionId)));
            var test = await Test(experimentId);
            if (holds(test))
            {
                return test;
            }
        }
    }

    private static Score Visit(int visit, string experimentId) =>
        new()
        {
            RequestId = $"visit-{visit}",
            Family = TrainedNode.Family,
            UserId = $"u-{visit % 200}",
            User = Person(18 + (visit % 40), "north"),
            ExperimentId = experimentId,
            Candidates =
            {
                new Candidate
                {
                    CandidateId = "c-1",
                    Features = Person(30, "south"),
                    Context = new Features
                    {
                        Items =
                        {
                            new Feature { Name = "hour", Number = 20 },
                        },
                    },
                },
            },
        };

    /// <summary>Of the first unit that takes part, asking for the test that everybody knows.</summary>
    private async Task<AssignUnitReply> Assigned(string experimentId)
    {
        for (var u = 0; ; u++)
        {
            var unit = new AssignUnit { ExperimentId = "t", Unit = $"u-{u}" };
            var assigned = await _service.Ask<AbTestRegion, AssignUnitReply>(unit, Ct);
            if (assigned.ExperimentId == experimentId && assigned.Arm == "candidate")
            {
                return assigned;
            }
        }
    }

    /// <summary>A test that arm b wins, and that asks for the smallest steps.</summary>
    /// <param name="stepSeconds">Of the rollout: whoever wants to end it needs time to.</param>
    private async Task Decide(string experimentId, long stepSeconds = 1)
    {
        await Tell<AbTestRegion>(
            new CreateExperiment
            {
                Header = Header(),
                ExperimentId = experimentId,
                Definition = new ExperimentDefinition
                {
                    Family = TrainedNode.Family,
                    Metric = "match",
                    Cells = 1,
                    Promotion = new PromotionPlan
                    {
                        ShadowRequests = 20,
                        ShadowSlowdown = 1000,
                        StepSeconds = stepSeconds,
                        Ramp = { 5000, 10_000 },
                    },
                    Arms =
                    {
                        new Arm
                        {
                            Name = "a",
                            Weight = 5000,
                            VersionId = "hasty",
                        },
                        new Arm
                        {
                            Name = "b",
                            Weight = 5000,
                            VersionId = "good",
                        },
                    },
                },
            }
        );
        await Tell<AbTestRegion>(new StartExperiment { Header = Header(), ExperimentId = experimentId });
        await Parallel.ForAsync(
            0,
            400,
            new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Ct },
            async (u, ct) =>
            {
                var unit = $"u-{u}";
                var asked = new AssignUnit { ExperimentId = experimentId, Unit = unit };
                var assigned = await _service.Ask<AbTestRegion, AssignUnitReply>(asked, ct);
                var exposure = new RecordExposure
                {
                    Header = Header(),
                    ExperimentId = experimentId,
                    Unit = unit,
                };
                await Tell<EvidenceKey>(exposure);
                if (assigned.Arm == "b" ? u % 2 == 0 : u % 10 == 0)
                {
                    var outcome = new RecordOutcome
                    {
                        Header = Header(),
                        ExperimentId = experimentId,
                        Unit = unit,
                        Metric = "match",
                        Value = 1,
                    };
                    await Tell<EvidenceKey>(outcome);
                }
            }
        );

        // Nothing is promoted of fewer units than the definition wants: all have to be in.
        await Eventually.Value(
            () => Test(experimentId),
            now => now.Current.Winner == "b" && now.Current.Arms.Sum(a => a.Units) >= 400
        );
        await Tell<AbTestRegion>(new StopExperiment { Header = Header(), ExperimentId = experimentId });
    }

    private Task<ExperimentReply> Test(string experimentId) =>
        _service.Ask<AbTestRegion, ExperimentReply>(new GetExperiment { ExperimentId = experimentId }, Ct);

    private Task Tell<TRegion>(ICommand command) => _service.Tell<TRegion>(command, Ct);

    private static Features Person(int age, string place) =>
        new()
        {
            Items =
            {
                new Feature { Name = "age", Number = age },
                new Feature { Name = "town", Text = place },
            },
        };

    private CommandHeader Header() => new() { CommandId = $"c-{Interlocked.Increment(ref _commands)}", Author = "ann" };
}
