using System.Diagnostics;
using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>
/// Figures, not verdicts; run by hand:
/// <c>Trainer.Actors.Tests -explicit only -class "*SeedServingMeasures" -showliveoutput</c>.
/// </summary>
public sealed class SeedServingMeasures(ITestOutputHelper output) : SeedServingKit
{
    private const int Requests = 300;

    [Theory(Explicit = true)]
    [InlineData("TwoTowerMha", 0)]
    [InlineData("Ralm", 0)]
    [InlineData("Ralm", 10)]
    [InlineData("Ralm", 100)]
    public async Task One_user_and_many_candidates_with_everything_in_memory(string model, int seeds)
    {
        ActorRegistry.TryRegister<UserRegion>(
            Sys.ActorOf(Props.Create(() => new FixedAudiences(seeds))),
            overwrite: true
        );
        var scorer = await Serving(Untrained(model), regions: false);
        foreach (var candidates in (int[])[100, 1_000])
        {
            string[] ids = [.. Enumerable.Range(0, candidates).Select(k => $"c-{k}")];
            await AwaitConditionAsync(
                async () =>
                {
                    var reply = await scorer.Ask<ScoreReply>(SeededData.Request(1, "warm", ids), Patience);
                    return reply.Scores.All(s => s.Seeds == (model == "Ralm" ? seeds : 0));
                },
                TimeSpan.FromMinutes(2),
                Pause
            );
            var took = new double[Requests];
            for (var k = 0; k < Requests; k++)
            {
                var request = SeededData.Request(k, $"r-{k}", ids);
                var started = Stopwatch.GetTimestamp();
                await scorer.Ask<ScoreReply>(request, Patience);
                took[k] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }

            took.Sort();
            var requests = Enumerable.Range(0, 50).Select(k => SeededData.Request(k, $"b-{k}", ids)).ToArray();
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(requests.Select(r => scorer.Ask<ScoreReply>(r, Patience)));
            var batch = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            output.WriteLine(
                $"{model}, {seeds} seeds each, {candidates} candidates: p50 {took[Requests / 2]:F2} ms, "
                    + $"p99 {took[Requests * 99 / 100]:F2} ms; 50 requests at once {batch:F0} ms"
            );
        }
    }

    private static ModelArtifact Untrained(string model)
    {
        var config = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Model = model },
                RandomSeed = 3,
            }
        );
        using var session = new TrainingSession(config, SeededData.Open(), null, "cpu");
        return session.Checkpoint(1, 0.5, 0.7);
    }

    /// <summary>Every candidate has as many seeds.</summary>
    private sealed class FixedAudiences : ReceiveActor
    {
        public FixedAudiences(int seeds) =>
            Receive<GetAudience>(m =>
                Sender.Tell(
                    new AudienceReply
                    {
                        UserId = m.UserId,
                        Version = seeds,
                        Size = seeds,
                        Seeds =
                        {
                            Enumerable
                                .Range(0, m.KnownVersion == seeds ? 0 : seeds)
                                .Select(k => new Seed
                                {
                                    UserId = $"seed-{k}",
                                    Features = SeededData.Profile(k + m.UserId.Length),
                                    At = new Timestamp { Seconds = k },
                                    SampleSeq = 1,
                                    Version = k + 1,
                                }),
                        },
                    }
                )
            );
    }
}
