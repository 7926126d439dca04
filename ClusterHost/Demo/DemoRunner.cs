using System.Diagnostics;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Metrics;
using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Why;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Plays a matching service, by messages only, through the whole loop.</summary>
public sealed class DemoRunner(DemoOptions options, DemoPlace place, IProgressView view)
{
    public const string Family = "city";
    public const string Metric = "match";

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task<DemoSummary> Run(CancellationToken ct)
    {
        var city = City.Create(options.Seed, options.People);
        var (data, bayes) = await Prepare(city, ct);
        var service = new ServiceClient(place.Transport, place.Patience);
        var steps = new DemoSteps(service, place.RunTag);

        view.Step("train offline");
        var run = await steps.Train(data.Path, data.Meta.Hash, options.Seed, view.Progress, ct);
        await steps.MakeChampion(ct);
        await steps.OpenLineages(run.Artifact, ct);
        await steps.StartExperiment(ct);

        var traffic = new DemoTraffic(new Visit(city, service, options, steps.ExperimentId), options.Concurrency);
        var visits = await Play(traffic, steps, ct);

        view.Step("promote: gate, shadow, rollout, champion");
        var (experiment, registry) = await steps.DecideAndPromote(
            async () => visits = await PlayMore(traffic, visits, ct),
            what => view.Progress(0.5, what),
            ct
        );

        var (retraining, others) = (default(RetrainingReply), 0L);
        if (options.Retrains)
        {
            view.Step("train anew on what came behind the alarm, and test that");
            (retraining, others, visits) = await Retrain(city, service, steps, visits, ct);
        }

        view.Step("settle");
        var ledger = await steps.Settle(
            city.People.Take(Math.Min(visits, city.People.Length)).Select(p => p.Id),
            place.Patience,
            ct
        );
        var champion = await steps.Checkpoint("champion", ct);
        var online = await steps.Checkpoint(steps.OnlineLineage, ct);
        var told = await steps.Lineage(steps.OnlineLineage, ct);
        var alerts = await service.Ask<CollectorRegion, AlertsReply>(
            new GetAlerts { SourceId = $"node:{place.NodeName}" },
            ct
        );

        view.Step("replay the online model's journal in a new process");
        var replayed = await Replay.InNewProcess(place.Journal, steps.OnlineLineage, ct);
        var replayedChampion = await Replay.InNewProcess(place.Journal, "champion", ct);
        view.Finish();
        var taken = champion.SamplesAccepted + online.SamplesAccepted;
        var doubled = replayed.Doubled + replayedChampion.Doubled;
        return new DemoSummary
        {
            Seed = options.Seed,
            OfflineWeightsHash = run.Artifact.WeightsHash,
            OfflineValidAuc = Math.Round(run.Epochs.Max(e => e.ValidAuc), 4),
            OfflineBayesAuc = Math.Round(bayes, 4),
            OfflineEpochs = run.Epochs.Count,
            LineageWeightsHash = online.Checkpoint.WeightsHash,
            LineageReplayedHash = replayed.WeightsHash,
            LineageBatches = online.BatchesAccepted,
            SamplesSent = traffic.Interactions + others,
            SamplesAccepted = ledger.Accepted,
            SamplesLearned = champion.SamplesLearned + online.SamplesLearned,
            SamplesPassedOver = champion.SamplesPassedOver + online.SamplesPassedOver,
            SamplesSetAside = champion.SamplesSetAside + online.SamplesSetAside,
            SamplesPending = ledger.Pending,
            SamplesLost = traffic.Interactions + others - (taken - doubled) - ledger.Pending,
            SamplesDoubled = doubled,
            SamplesWithLookAlike = traffic.WithLookAlike,
            Frozen = Arm(traffic, DemoSteps.Frozen),
            Online = Arm(traffic, DemoSteps.Online),
            Alarms = online.Alarms,
            ReactionsWon = online.ReactionsWon,
            Curve = [.. told.Curve.Select(CurvePoint.Of)],
            PublishedAfterP50Ms = Math.Round(told.PublishedAfterP50Ms, 1),
            PublishedAfterP95Ms = Math.Round(told.PublishedAfterP95Ms, 1),
            Verdict = VerdictSummary.Of(experiment.Verdict),
            PromotedVersion = experiment.Status == ExperimentStatus.Promoted ? registry.ChampionVersionId : "",
            Retrained = retraining is null ? null : RetrainedSummary.Of(retraining, await Why(retraining, ct)),
            Visits = visits,
            AddSample = LatencySummary.Of(service.Interactions),
            Score = LatencySummary.Of(service.Scores),
            AssignmentNs = AssignmentNs(experiment),
            MetricsWatched = alerts.Latest.Count,
            Alerts = alerts.Alerts.Count,
            PeakMemoryMb = Math.Round(Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0),
            DurationS = Math.Round(_clock.Elapsed.TotalSeconds, 1),
        };
    }

    private async Task<(PreparedDatasetInfo Data, double BayesAuc)> Prepare(City city, CancellationToken ct)
    {
        view.Step("write the city's past and prepare it");
        var tables = Path.Combine(place.Folder, "tables");
        var truth = await CityHistory.Write(city, options, tables, ct);
        var data = DatasetPreparation.Prepare(
            Path.Combine(tables, CityHistory.Description),
            Path.Combine(place.Folder, "dataset"),
            new PreparationOptions(),
            null,
            ct
        );
        var prepared = PreparedDataset.Open(data.Path);
        var valid = prepared.Rows(Split.Valid).ToArray();
        return (data, RankingMetrics.Auc([.. valid.Select(r => (float)truth[r])], [.. valid.Select(prepared.Label)]));
    }

    /// <summary>Plays until the verdict, or until the evening is over. Returns the visits played.</summary>
    private async Task<int> Play(DemoTraffic traffic, DemoSteps steps, CancellationToken ct)
    {
        var (before, total) = (options.VisitsBeforeDrift, options.VisitsBeforeDrift + options.VisitsAfterDrift);
        var done = 0;
        void Done(int number)
        {
            var count = Interlocked.Increment(ref done);
            view.Progress((double)count / total, $"{traffic.Interactions:N0} interactions");
        }

        view.Step("serve and learn online");
        await traffic.Play(0, before, drifted: false, Done, () => false, ct);

        view.Step("the city's taste drifts; go on until the verdict");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var decided = false;
        var watch = Watch();
        await traffic.Play(before, total, drifted: true, Done, () => Volatile.Read(ref decided), ct);
        await ended.CancelAsync();
        await watch;
        return done;

        async Task Watch()
        {
            while (!ended.IsCancellationRequested && !decided)
            {
                Volatile.Write(ref decided, (await steps.Test(ct)).Status == ExperimentStatus.Decided);
                await Task.Delay(250, ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    /// <summary>People go on coming until the retraining has ended.</summary>
    /// <returns>What has come of it, null where there was no alarm; interactions and visits of all.</returns>
    private async Task<(RetrainingReply? Told, long Interactions, int Visits)> Retrain(
        City city,
        ServiceClient service,
        DemoSteps steps,
        int visits,
        CancellationToken ct
    )
    {
        const int Patient = 5_000;
        var interactions = 0L;
        if ((await steps.Lineage(steps.OnlineLineage, ct)).NewestAlarms.LastOrDefault() is not { } alarm)
        {
            view.Progress(1, "there was no alarm");
            return (null, 0, visits);
        }

        var id = await steps.Retrain(alarm, options.Seed, ct);
        var told = await steps.Retraining(id, ct);
        for (var last = visits + Patient; told.Step != RetrainingStep.Ended && visits < last; )
        {
            var experimentId = told.ExperimentId.Length > 0 ? told.ExperimentId : steps.ExperimentId;
            var traffic = new DemoTraffic(new Visit(city, service, options, experimentId), options.Concurrency);
            visits = await PlayMore(traffic, visits, ct);
            interactions += traffic.Interactions;
            told = await steps.Retraining(id, ct);
            view.Progress(0.5, told.WaitingFor);
        }

        view.Progress(1, told.Reason);
        return (told, interactions, visits);
    }

    private async Task<IReadOnlyList<string>> Why(RetrainingReply retraining, CancellationToken ct)
    {
        var why = await WhyRun.Run(JournalSettings.Of(place.Journal), retraining.RetrainingId, ct);
        return [.. why.Steps.Select(s => $"{s.Kind}/{s.Id}: {s.What}")];
    }

    private static async Task<int> PlayMore(DemoTraffic traffic, int from, CancellationToken ct)
    {
        const int AtATime = 20;
        await traffic.Play(from, from + AtATime, drifted: true, _ => { }, () => false, ct);
        return from + AtATime;
    }

    private static ArmSummary Arm(DemoTraffic traffic, string arm) =>
        new(
            arm,
            traffic.Meter(arm, drifted: false).Read(),
            traffic.Meter(arm, drifted: true).Read(),
            traffic.Meter(arm, drifted: true).Read(newest: 0.25)
        );

    /// <summary>Median over batches of a thousand: one assignment is too short for a clock.</summary>
    private static double AssignmentNs(ExperimentReply experiment)
    {
        var running = new RunningExperiment
        {
            Salt = experiment.Definition.Salt,
            Arms = { experiment.Definition.Arms },
            Exposure = Assignment.Buckets,
            Cells = experiment.Definition.Cells,
        };
        var assignment = new Assignment(running);
        var units = Enumerable.Range(0, 1000).Select(i => $"person-{i}").ToArray();
        var warm = Stopwatch.StartNew();
        while (warm.ElapsedMilliseconds < 300)
        {
            assignment.Assign(units[warm.ElapsedTicks % units.Length]);
        }

        var batches = new double[101];
        for (var b = 0; b < batches.Length; b++)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var unit in units)
            {
                assignment.Assign(unit);
            }

            batches[b] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / units.Length;
        }

        return Math.Round(batches.Order().ElementAt(batches.Length / 2), 1);
    }
}
