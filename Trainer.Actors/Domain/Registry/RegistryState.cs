using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>
/// One model family: its versions in order of registration, and which stage each held when. At most one version is the
/// champion; promotion retires the former one in the same event, so that no moment has two or none.
/// </summary>
public sealed record RegistryState(string Family, ImmutableList<ModelVersion> Versions) : IEntityState<RegistryState>
{
    public ModelVersion? Champion => Versions.Find(v => v.Stage == Stage.Champion);

    /// <summary>Versions that people may be shown something by.</summary>
    public IEnumerable<ModelVersion> Serving =>
        Versions.Where(v => v.Stage is Stage.Shadow or Stage.Canary or Stage.Champion);

    /// <summary>What their training data knew, the audiences are to know. A load that has ended says so too.</summary>
    public IEnumerable<OutgoingCommand> Outbox =>
        Serving
            .Where(v => v.Artifact.SeedsHash.Length > 0)
            .DistinctBy(v => v.Artifact.SeedsHash)
            .Select(v => new OutgoingCommand(v.Artifact.SeedsHash, typeof(SeedLoadRegion), () => LoadSeedsOf(v)));

    public static RegistryState Empty(string entityId) => new(entityId, []);

    public static RegistryState FromSnapshot(string entityId, IWireMessage snapshot) =>
        new(entityId, [.. ((RegistrySnapshot)snapshot).Versions]);

    public IWireMessage ToSnapshot() => new RegistrySnapshot { Versions = { Versions } };

    private LoadSeeds LoadSeedsOf(ModelVersion version) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"load-seeds:{version.Artifact.SeedsHash}" },
            SeedsHash = version.Artifact.SeedsHash,
            Family = Family,
            VersionId = version.VersionId,
        };

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            RegisterVersion c => Decide(c),
            SetStage c => Decide(c),
            RecordEvaluation c => Decide(c),
            ReleaseArtifact c => Decide(c),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public RegistryState Apply(IEvent e) =>
        e switch
        {
            VersionRegistered registered => this with { Versions = Versions.Add(Register(registered)) },
            StageSet set => this with { Versions = SetStage(set) },
            EvaluationRecorded recorded => this with { Versions = Record(recorded) },
            ArtifactReleased released => this with { Versions = Release(released) },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is not GetRegistry asked ? throw new NotSupportedException(query.GetType().Name)
        : Versions.IsEmpty ? new NotFoundReply { Region = RegionNames.Registry, EntityId = Family }
        : asked.At is null ? ToReply()
        : RegistryHistory.AsOf(this, asked.At);

    /// <summary>What subscribers of the registry topic hear.</summary>
    public RegistryReply ToReply() =>
        new()
        {
            Family = Family,
            Versions = { Versions },
            ChampionVersionId = Champion?.VersionId ?? "",
        };

    private Decision Decide(RegisterVersion c)
    {
        if (VersionRules.Check(c) is { } rejection)
        {
            return Decision.Refuse(rejection);
        }

        var registered = new VersionRegistered
        {
            VersionId = c.VersionId,
            Artifact = c.Artifact,
            DatasetHash = c.DatasetHash,
            SchemaId = c.SchemaId,
            ProducedBy = c.ProducedBy,
            ParentVersionId = c.ParentVersionId,
            Metrics = { c.Metrics },
            Config = c.Config,
            CodeVersion = c.CodeVersion,
            Evaluation = c.Evaluation,
            EffectiveConfig = c.EffectiveConfig,
        };
        return Find(c.VersionId) switch
        {
            null => Decision.Accept(registered),
            { } known when known.SameContentAs(registered) => Decision.Nothing,
            _ => Decision.Conflict("version_id", c.VersionId, "is registered already with other content"),
        };
    }

    private Decision Decide(SetStage c)
    {
        if (c.Stage is Stage.Unspecified || !System.Enum.IsDefined(c.Stage))
        {
            return Decision.Invalid("stage", c.Stage, "must be CANDIDATE, SHADOW, CANARY, CHAMPION or RETIRED");
        }

        return Find(c.VersionId) switch
        {
            null => Decision.NotFound("version_id", c.VersionId, "must be a registered version of the family"),
            { } version when version.Stage == c.Stage => Decision.Nothing,
            { } version when c.From != Stage.Unspecified && c.From != version.Stage => Decision.Conflict(
                "from",
                c.From,
                $"is not where the version is: {version.Stage}"
            ),
            { ArtifactReleasedAt: not null } => Decision.Conflict(
                "version_id",
                c.VersionId,
                "stays retired: its artefact was released and may be deleted"
            ),
            { Stage: Stage.Champion } => Decision.Conflict(
                "stage",
                c.Stage,
                "the champion leaves its stage only when another version is promoted"
            ),
            { } version when IsWorse(version, c) is { } figures => Decision.Conflict(
                "version_id",
                c.VersionId,
                $"was judged worse than the champion {Champion!.VersionId} on the same rows: {figures}; set although_worse if it is to serve all the same"
            ),
            _ => Decision.Accept(
                new StageSet
                {
                    VersionId = c.VersionId,
                    Stage = c.Stage,
                    Reason = c.Reason,
                    ExperimentId = c.ExperimentId,
                }
            ),
        };
    }

    /// <summary>What an experiment has found is stronger than any row of the past.</summary>
    private string? IsWorse(ModelVersion version, SetStage c) =>
        c is { Stage: Stage.Champion, AlthoughWorse: false, ExperimentId.Length: 0 } && Champion is { } champion
            ? version.WorseThan(champion)
            : null;

    private Decision Decide(RecordEvaluation c) =>
        VersionRules.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : Find(c.VersionId) is not { } version
            ? Decision.NotFound("version_id", c.VersionId, "must be a registered version of the family")
        : version.EvaluationOn(c.DatasetHash) is not null ? Decision.Nothing
        : Decision.Accept(
            new EvaluationRecorded
            {
                VersionId = c.VersionId,
                DatasetHash = c.DatasetHash,
                Evaluation = c.Evaluation,
                Metrics = { c.Metrics },
            }
        );

    private Decision Decide(ReleaseArtifact c) =>
        Find(c.VersionId) switch
        {
            null => Decision.NotFound("version_id", c.VersionId, "must be a registered version of the family"),
            { ArtifactReleasedAt: not null } => Decision.Nothing,
            { Stage: not Stage.Retired } version => Decision.Conflict(
                "version_id",
                c.VersionId,
                $"must be retired before its artefact is released; it is {version.Stage}"
            ),
            _ => Decision.Accept(new ArtifactReleased { VersionId = c.VersionId, Reason = c.Reason }),
        };

    private ModelVersion? Find(string versionId) => Versions.Find(v => v.VersionId == versionId);

    private static ModelVersion Register(VersionRegistered e) =>
        new()
        {
            VersionId = e.VersionId,
            Artifact = e.Artifact,
            DatasetHash = e.DatasetHash,
            SchemaId = e.SchemaId,
            ProducedBy = e.ProducedBy,
            ParentVersionId = e.ParentVersionId,
            Metrics = { e.Metrics },
            Config = e.Config,
            CodeVersion = e.CodeVersion,
            Evaluation = e.Evaluation,
            EffectiveConfig = e.EffectiveConfig,
            Stage = Stage.Candidate,
            History =
            {
                new StageHeld { Stage = Stage.Candidate, From = e.Header.At },
            },
        };

    private ImmutableList<ModelVersion> SetStage(StageSet e) =>
        Versions.ConvertAll(v =>
            v.VersionId == e.VersionId ? v.Enter(e.Stage, e)
            : e.Stage == Stage.Champion && v.Stage == Stage.Champion ? v.Enter(Stage.Retired, e)
            : v
        );

    private ImmutableList<ModelVersion> Record(EvaluationRecorded e) =>
        Versions.ConvertAll(v => v.VersionId == e.VersionId ? v.WithEvaluation(e) : v);

    private ImmutableList<ModelVersion> Release(ArtifactReleased e) =>
        Versions.ConvertAll(v => v.VersionId == e.VersionId ? v.WithArtifactReleased(e.Header.At) : v);
}

internal static class ModelVersions
{
    public static ModelVersion WithEvaluation(this ModelVersion version, EvaluationRecorded e)
    {
        var next = version.Clone();
        next.Evaluations.Add(
            new LaterEvaluation
            {
                DatasetHash = e.DatasetHash,
                Evaluation = e.Evaluation,
                Metrics = { e.Metrics },
                RecordedAt = e.Header.At,
            }
        );
        return next;
    }

    public static ModelVersion WithArtifactReleased(this ModelVersion version, Timestamp at)
    {
        var next = version.Clone();
        next.ArtifactReleasedAt = at;
        return next;
    }

    /// <summary>Messages are mutable, states are not: the next form of a version is a copy.</summary>
    public static ModelVersion Enter(this ModelVersion version, Stage stage, StageSet cause)
    {
        Timestamp at = cause.Header.At;
        var next = version.Clone();
        next.Stage = stage;
        next.History[^1].Until = at;
        next.History.Add(
            new StageHeld
            {
                Stage = stage,
                From = at,
                Reason = cause.Reason,
                ExperimentId = cause.ExperimentId,
            }
        );
        return next;
    }

    public static bool SameContentAs(this ModelVersion version, VersionRegistered e) =>
        Equals(version.Artifact, e.Artifact)
        && version.DatasetHash == e.DatasetHash
        && version.SchemaId == e.SchemaId
        && version.ProducedBy == e.ProducedBy
        && version.ParentVersionId == e.ParentVersionId
        && version.Metrics.Equals(e.Metrics)
        && Equals(version.Config, e.Config)
        && Equals(version.EffectiveConfig, e.EffectiveConfig)
        && version.CodeVersion == e.CodeVersion
        && Equals(version.Evaluation, e.Evaluation);
}
