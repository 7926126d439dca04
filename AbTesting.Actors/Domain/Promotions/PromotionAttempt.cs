using System.Collections.Immutable;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Domain.Promotions;

/// <summary>
/// One attempt at the step that a promotion is at: what has been heard in it, and so what is to be done next. It begins without
/// having heard anything, for others may have changed the registry or the rollout since the one before; what it then does
/// again changes nothing twice.
/// </summary>
internal sealed record PromotionAttempt(ExperimentState Experiment)
{
    private LineageReply? Checkpoint { get; init; }

    private RegistryReply? Family { get; init; }

    private ExperimentReply? Rollout { get; init; }

    /// <summary>Whether there is one is known.</summary>
    private bool HasLookedForRollout { get; init; }

    /// <summary>Ids of the commands that were taken, now or before.</summary>
    private ImmutableHashSet<string> Taken { get; init; } = [];

    private string FamilyName => Experiment.Definition!.Family;

    private string Version => Experiment.Promotion!.VersionId;

    private string Champion => PromotionSteps.ChampionOf(Experiment);

    private string RolloutId => Rollouts.IdOf(Experiment.ExperimentId);

    private PromotionStep Step => PromotionSteps.At(Experiment);

    public PromotionMove Next =>
        Step switch
        {
            PromotionStep.Unspecified => Register()
                ?? Set("champion", Version, Stage.Champion, Experiment.Verdict!.Recommendation)
                ?? Complete(Version),
            PromotionStep.Gate => Register() ?? LookAtFamily() ?? Show(Gate()),
            // Scorers follow the stage, and tell the test what they see.
            PromotionStep.Shadow => LookAtFamily()
                ?? Unless(IsReplaced, () => Set("shadow", Version, Stage.Shadow, $"{Arm} has won {Named}"))
                ?? Show(new TakePromotionStep()),
            PromotionStep.Rollout => LookAtFamily()
                ?? Unless(IsReplaced, () => Set("canary", Version, Stage.Canary, $"shown to few by {RolloutId}"))
                ?? Unless(IsReplaced, BeginRollout)
                ?? Show(new TakePromotionStep { Rollout = Rollout is null ? null : Of(Rollout) }),
            PromotionStep.Serve => EndRollout("its winner serves") ?? LookAtFamily() ?? Serve(),
            _ => Withdraw(Experiment.Steps[^1].Reason),
        };

    /// <summary>What has come of what was sent.</summary>
    /// <param name="reply">Null: there is no such thing.</param>
    /// <returns>Null: an answer to something else.</returns>
    public PromotionAttempt? Hear(PromotionMove.Send sent, IWireMessage? reply) =>
        (sent.Message, reply) switch
        {
            (CheckpointLineage, LineageReply lineage) => this with { Checkpoint = lineage },
            (GetRegistry, RegistryReply family) => this with { Family = family },
            // Nothing was ever registered.
            (GetRegistry, null) => this with { Family = new RegistryReply { Family = FamilyName } },
            (GetExperiment, ExperimentReply or null) => this with
            {
                Rollout = (ExperimentReply?)reply,
                HasLookedForRollout = true,
            },
            (ICommand command, CommandReply) => Take(command),
            _ => null,
        };

    public override string ToString() => $"{Step} of {Experiment.ExperimentId}";

    private PromotionAttempt Take(ICommand command)
    {
        var next = this with { Taken = Taken.Add(command.Header.CommandId) };
        return command switch
        {
            RegisterVersion => next with { Family = null },
            SetStage when Step == PromotionStep.Withdraw => next with { Family = null },
            CreateExperiment => next with { HasLookedForRollout = false },
            _ => next,
        };
    }

    /// <summary>A lineage's arm becomes a version first.</summary>
    private PromotionMove? Register()
    {
        var lineageId = Experiment.Promotion!.LineageId;
        if (lineageId.Length == 0 || Taken.Contains(Header("register").CommandId))
        {
            return null;
        }

        if (Checkpoint is null)
        {
            var checkpoint = new CheckpointLineage { Header = Header("checkpoint"), LineageId = lineageId };
            return new PromotionMove.Send(typeof(LineageRegion), checkpoint);
        }

        if (Family is null)
        {
            return LookAtFamily();
        }

        // It may have been registered before a crash; the lineage has learned on since.
        return Family.Versions.Any(v => v.VersionId == Version) ? null : Tell(typeof(RegistryRegion), Registration());
    }

    private RegisterVersion Registration()
    {
        var parent = Family!.Versions.FirstOrDefault(v => v.VersionId == Checkpoint!.VersionId);
        return new RegisterVersion
        {
            Header = Header("register"),
            Family = FamilyName,
            VersionId = Version,
            Artifact = Checkpoint!.Checkpoint,
            ProducedBy = Checkpoint.LineageId,
            ParentVersionId = Checkpoint.VersionId,
            SchemaId = parent?.SchemaId ?? "",
            DatasetHash = parent?.DatasetHash ?? "",
        };
    }

    private TakePromotionStep Gate()
    {
        var version = Family!.Versions.FirstOrDefault(v => v.VersionId == Version);
        return new TakePromotionStep
        {
            Gate = new GateEvidence
            {
                Registered = version is not null,
                WeightsHash = version?.Artifact?.WeightsHash ?? "",
            },
        };
    }

    private PromotionMove? BeginRollout() =>
        LookAtRollout()
        ?? (
            Rollout is null
                ? Tell(
                    typeof(AbTestRegion),
                    new CreateExperiment
                    {
                        Header = Header("create-rollout"),
                        ExperimentId = RolloutId,
                        Definition = Promotions.Rollout.DefinitionOf(Experiment),
                        CopyOf = Experiment.ExperimentId,
                        RolloutOf = Experiment.ExperimentId,
                    }
                )
            : Rollout.Status == ExperimentStatus.Draft
                ? Tell(
                    typeof(AbTestRegion),
                    new StartExperiment { Header = Header("start-rollout"), ExperimentId = RolloutId }
                )
            : null
        );

    private PromotionMove? EndRollout(string reason) =>
        LookAtRollout()
        ?? Rollout?.Status switch
        {
            ExperimentStatus.Draft or ExperimentStatus.Scheduled => Tell(
                typeof(AbTestRegion),
                new ArchiveExperiment
                {
                    Header = Header("archive-rollout"),
                    ExperimentId = RolloutId,
                    Reason = reason,
                }
            ),
            ExperimentStatus.Running or ExperimentStatus.Paused => Tell(
                typeof(AbTestRegion),
                new RollBackExperiment
                {
                    Header = Header("end-rollout"),
                    ExperimentId = RolloutId,
                    Reason = reason,
                }
            ),
            _ => null,
        };

    private PromotionMove Serve()
    {
        var serving = Family!.ChampionVersionId;
        if (serving != Champion && serving != Version)
        {
            return Show(new TakePromotionStep());
        }

        // A withdrawal retires the version: what is late then does not make it the champion after all.
        return Unless(
                serving == Version,
                () => Set("champion", Version, Stage.Champion, Experiment.Verdict!.Recommendation, StageOfVersion)
            ) ?? Complete(Version);
    }

    /// <summary>What served before serves on; or again, where a crash came between the registry's yes and the test's.</summary>
    private PromotionMove Withdraw(string reason) =>
        EndRollout(reason)
        ?? LookAtFamily()
        ?? (
            Family!.ChampionVersionId == Version && Champion.Length > 0 && Champion != Version
                ? Set("restore", Champion, Stage.Champion, reason)
            : StageOfVersion is Stage.Shadow or Stage.Canary ? Set("retire", Version, Stage.Retired, reason)
            : null
        )
        ?? Complete(Family!.ChampionVersionId);

    private string Arm => Experiment.Promotion!.Arm;

    private string Named => Experiment.ExperimentId;

    private bool IsReplaced => Family!.ChampionVersionId != Champion;

    private Stage StageOfVersion =>
        Family!.Versions.FirstOrDefault(v => v.VersionId == Version)?.Stage ?? Stage.Unspecified;

    private static PromotionMove? Unless(bool isSo, Func<PromotionMove?> move) => isSo ? null : move();

    private PromotionMove? LookAtFamily() =>
        Family is null ? new PromotionMove.Send(typeof(RegistryRegion), new GetRegistry { Family = FamilyName }) : null;

    private PromotionMove? LookAtRollout() =>
        HasLookedForRollout
            ? null
            : new PromotionMove.Send(typeof(AbTestRegion), new GetExperiment { ExperimentId = RolloutId });

    /// <param name="step">Names the command: the same step is the same command.</param>
    /// <param name="from">Where it was seen: a command that arrives after others have moved it on changes nothing.</param>
    private PromotionMove? Set(
        string step,
        string versionId,
        Stage stage,
        string reason,
        Stage from = Stage.Unspecified
    ) =>
        Tell(
            typeof(RegistryRegion),
            new SetStage
            {
                Header = Header(step),
                Family = FamilyName,
                VersionId = versionId,
                Stage = stage,
                Reason = reason,
                ExperimentId = Experiment.ExperimentId,
                From = from,
            }
        );

    /// <summary>Null: it was taken.</summary>
    private PromotionMove? Tell(Type region, ICommand command) =>
        Taken.Contains(command.Header.CommandId) ? null : new PromotionMove.Send(region, command);

    private PromotionMove.Conclude Show(TakePromotionStep shown)
    {
        shown.ChampionVersionId = Family!.ChampionVersionId;
        return new PromotionMove.Conclude(PromotionCommands.Step(Experiment, shown));
    }

    private PromotionMove.Conclude Complete(string versionId) =>
        new(PromotionCommands.Completion(Experiment, versionId));

    private CommandHeader Header(string step) => PromotionCommands.Header(Experiment, step);

    private static RolloutEvidence Of(ExperimentReply rollout) => Promotions.Rollout.EvidenceOf(rollout);
}
