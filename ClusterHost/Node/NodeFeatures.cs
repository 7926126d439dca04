using Akka.Hosting;
using RalmActors.AbTesting;
using RalmActors.AbTesting.Actors;
using RalmActors.ClusterHost.Notifying;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Hosting;
using RalmActors.Monitoring.Meters;
using RalmActors.Monitoring.Notifying;
using RalmActors.OnlineLearner.Actors;
using RalmActors.OnlineLearner.Hosting;
using RalmActors.Scorer.Actors;
using RalmActors.Scorer.Hosting;
using RalmActors.Trainer.Actors;
using RalmActors.Trainer.Hosting;

namespace RalmActors.ClusterHost.Node;

public static class NodeFeatures
{
    /// <summary>Each area brings its regions and local actors; a node without the role gets the way to those that have it.</summary>
    /// <param name="meters">Of this node; null: one of its own.</param>
    public static AkkaConfigurationBuilder AddFeatures(
        this AkkaConfigurationBuilder akka,
        RalmSettings settings,
        MeterReader? meters = null
    )
    {
        var entity = new EntityOptions { RememberFor = settings.Persistence.RememberCommands };
        var trainer = new TrainerOptions
        {
            ArtifactFolder = settings.Storage.Models,
            Device = settings.Trainer.Device,
            RunsAtOnce = settings.Trainer.RunsAtOnce,
            Sweep = settings.Storage.Sweep,
            TrainingRun = new TrainingRunOptions { Entity = entity },
            Study = new StudyOptions { Entity = entity },
            Evaluation = new EvaluationOptions { Entity = entity },
            Lineage = new LineageOptions { Entity = entity },
            Retraining = new RetrainingOptions { Entity = entity },
            Registry = entity,
            SeedLoad = new SeedLoadOptions { Keep = settings.Online.AudienceSeeds, Entity = entity },
        };
        var scorer = new ScorerOptions
        {
            ArtifactFolder = settings.Storage.Models,
            Device = settings.Trainer.Device,
            Workers = settings.Serving.Workers,
            Seeds = settings.Serving.Seeds,
        };
        var monitoring = new MonitoringOptions
        {
            NodeName = settings.Node.Name,
            Interval = settings.Monitor.Interval,
            DataPath = settings.Node.DataPath,
            Webhook = settings.Monitor.Webhook,
            Channels = [.. Channels(settings.Monitor)],
            Meters = meters,
        };
        var kept = monitoring.Collector.Entity with { RememberFor = entity.RememberFor };
        monitoring = monitoring with
        {
            Collector = monitoring.Collector with { Entity = kept, RepeatEvery = settings.Monitor.Repeat },
        };
        var experiments = new AbTestingOptions { Tests = entity };
        experiments = experiments with { Cells = experiments.Cells with { RememberFor = entity.RememberFor } };
        return akka.AddTrainer(trainer)
            .AddOnlineLearner(
                new OnlineLearnerOptions { AudienceSeeds = settings.Online.AudienceSeeds, Entity = entity }
            )
            .AddScorer(scorer)
            .AddAbTesting(experiments, TimeProvider.System)
            .AddMonitoring(monitoring);
    }

    private static IEnumerable<Func<INotifyChannel>> Channels(MonitorSettings monitor)
    {
        if (monitor.Mail.Server is not null)
        {
            yield return () => new MailChannel(monitor.Mail.Checked());
        }

        if (monitor.Redis.Connection.Length > 0)
        {
            yield return () => new RedisStreamChannel(monitor.Redis);
        }
    }
}
