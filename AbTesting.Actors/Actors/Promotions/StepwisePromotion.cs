using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors;

/// <summary>What each step of a promotion does outside. Every one may be begun again at any time.</summary>
internal sealed class StepwisePromotion(
    ExperimentState experiment,
    RegistryClient registrar,
    IReadOnlyActorRegistry regions
)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly IActorRef _tests = regions.Get<AbTestRegion>();

    private string Version => experiment.Promotion!.VersionId;

    private string Champion => PromotionSteps.ChampionOf(experiment);

    private string RolloutId => Rollouts.IdOf(experiment.ExperimentId);

    public Task<ICommand> Run() =>
        PromotionSteps.At(experiment) switch
        {
            PromotionStep.Gate => Gate(),
            PromotionStep.Shadow => Shadow(),
            PromotionStep.Rollout => RollOut(),
            PromotionStep.Serve => Serve(),
            _ => Withdraw(),
        };

    private async Task<ICommand> Gate()
    {
        await registrar.Register();
        var family = await registrar.Family();
        var version = family.Versions.FirstOrDefault(v => v.VersionId == Version);
        return Promotion.Step(
            experiment,
            new TakePromotionStep
            {
                ChampionVersionId = family.ChampionVersionId,
                Gate = new GateEvidence
                {
                    Registered = version is not null,
                    WeightsHash = version?.Artifact?.WeightsHash ?? "",
                },
            }
        );
    }

    /// <summary>Scorers follow the stage, and tell the test what they see.</summary>
    private async Task<ICommand> Shadow()
    {
        var family = await registrar.Family();
        if (family.ChampionVersionId == Champion)
        {
            await registrar.Set(
                "shadow",
                Version,
                Stage.Shadow,
                $"{experiment.Promotion!.Arm} has won {experiment.ExperimentId}"
            );
        }

        return Promotion.Step(experiment, new TakePromotionStep { ChampionVersionId = family.ChampionVersionId });
    }

    private async Task<ICommand> RollOut()
    {
        var family = await registrar.Family();
        var shown = new TakePromotionStep { ChampionVersionId = family.ChampionVersionId };
        if (family.ChampionVersionId == Champion)
        {
            await registrar.Set("canary", Version, Stage.Canary, $"shown to few by {RolloutId}");
            shown.Rollout = Domain.Promotions.Rollout.EvidenceOf(await Begun());
        }

        return Promotion.Step(experiment, shown);
    }

    private async Task<ExperimentReply> Begun()
    {
        if (await Existing() is null)
        {
            await RegistryClient.Tell(
                _tests,
                new CreateExperiment
                {
                    Header = Promotion.Header(experiment, "create-rollout"),
                    ExperimentId = RolloutId,
                    Definition = Domain.Promotions.Rollout.DefinitionOf(experiment),
                    CopyOf = experiment.ExperimentId,
                    RolloutOf = experiment.ExperimentId,
                }
            );
        }

        var rollout = await Existing() ?? throw new InvalidOperationException($"{RolloutId} was not created");
        if (rollout.Status == ExperimentStatus.Draft)
        {
            await RegistryClient.Tell(
                _tests,
                new StartExperiment { Header = Promotion.Header(experiment, "start-rollout"), ExperimentId = RolloutId }
            );
        }

        return rollout;
    }

    private async Task<ICommand> Serve()
    {
        await EndRollout("its winner serves");
        var family = await registrar.Family();
        var serving = family.ChampionVersionId;
        if (serving != Champion && serving != Version)
        {
            return Promotion.Step(experiment, new TakePromotionStep { ChampionVersionId = serving });
        }

        if (serving != Version)
        {
            // A withdrawal retires the version: what is late then does not make it the champion after all.
            await registrar.Set(
                "champion",
                Version,
                Stage.Champion,
                experiment.Verdict!.Recommendation,
                StageOf(family)
            );
        }

        return Promotion.Completion(experiment, Version);
    }

    /// <summary>What served before serves on; or again, where a crash came between the registry's yes and the test's.</summary>
    private async Task<ICommand> Withdraw()
    {
        var reason = experiment.Steps[^1].Reason;
        await EndRollout(reason);
        var family = await registrar.Family();
        if (family.ChampionVersionId == Version && Champion.Length > 0 && Champion != Version)
        {
            await registrar.Set("restore", Champion, Stage.Champion, reason);
        }
        else if (StageOf(family) is Stage.Shadow or Stage.Canary)
        {
            await registrar.Set("retire", Version, Stage.Retired, reason);
        }

        return Promotion.Completion(experiment, (await registrar.Family()).ChampionVersionId);
    }

    private Stage StageOf(RegistryReply family) =>
        family.Versions.FirstOrDefault(v => v.VersionId == Version)?.Stage ?? Stage.Unspecified;

    private async Task EndRollout(string reason)
    {
        var end = (await Existing())?.Status switch
        {
            ExperimentStatus.Draft or ExperimentStatus.Scheduled => new ArchiveExperiment
            {
                Header = Promotion.Header(experiment, "archive-rollout"),
                ExperimentId = RolloutId,
                Reason = reason,
            },
            ExperimentStatus.Running or ExperimentStatus.Paused => new RollBackExperiment
            {
                Header = Promotion.Header(experiment, "end-rollout"),
                ExperimentId = RolloutId,
                Reason = reason,
            },
            _ => (ICommand?)null,
        };
        if (end is not null)
        {
            await RegistryClient.Tell(_tests, end);
        }
    }

    private async Task<ExperimentReply?> Existing() =>
        (await _tests.AskFor<ExperimentReply>(new GetExperiment { ExperimentId = RolloutId }, Deadline)).ReplyOrNone;
}
