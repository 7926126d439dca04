using System.Collections.Immutable;
using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>The smallest entity with every kind of decision: a shelf of versions, one of them the champion.</summary>
public sealed record ShelfState(string Family, ImmutableSortedDictionary<string, Stage> Stages)
    : IEntityState<ShelfState>
{
    /// <summary>The version whose sender is told something besides.</summary>
    public const string Noted = "noted";

    public static ShelfState Empty(string entityId) =>
        new(entityId, ImmutableSortedDictionary.Create<string, Stage>(StringComparer.Ordinal));

    public static ShelfState FromSnapshot(string entityId, IWireMessage snapshot) =>
        new(
            entityId,
            ((RegistrySnapshot)snapshot).Versions.ToImmutableSortedDictionary(
                v => v.VersionId,
                v => v.Stage,
                StringComparer.Ordinal
            )
        );

    /// <summary>A new champion is two events (the old one retires); the stage it already has is none.</summary>
    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            RegisterVersion c when Stages.ContainsKey(c.VersionId) => Decision.Conflict(
                "version_id",
                c.VersionId,
                "must be new"
            ),
            RegisterVersion c => Decision
                .Accept(new VersionRegistered { VersionId = c.VersionId, SchemaId = c.SchemaId })
                .Noting(c.VersionId == Noted ? CommandNote.NoLineage : CommandNote.Unspecified),
            SetStage c when !Stages.TryGetValue(c.VersionId, out _) => Decision.NotFound(
                "version_id",
                c.VersionId,
                "must be registered"
            ),
            SetStage c when Stages[c.VersionId] == c.Stage => Decision.Nothing,
            SetStage { Stage: Stage.Champion } c when Champion is { } former => Decision.Accept(
                new StageSet { VersionId = former, Stage = Stage.Retired },
                new StageSet { VersionId = c.VersionId, Stage = Stage.Champion }
            ),
            SetStage c => Decision.Accept(new StageSet { VersionId = c.VersionId, Stage = c.Stage }),
            CheckpointLineage => Decision.Accept(new StageSet { VersionId = "v-1", Stage = Stage.Candidate }),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public ShelfState Apply(IEvent e) =>
        e switch
        {
            VersionRegistered r => this with { Stages = Stages.Add(r.VersionId, Stage.Candidate) },
            StageSet s => this with { Stages = Stages.SetItem(s.VersionId, s.Stage) },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        new RegistryReply
        {
            Family = Family,
            Versions = { Versions },
            ChampionVersionId = Champion ?? "",
        };

    public IWireMessage ToSnapshot() => new RegistrySnapshot { Versions = { Versions } };

    private string? Champion => Stages.Where(v => v.Value == Stage.Champion).Select(v => v.Key).FirstOrDefault();

    private IEnumerable<ModelVersion> Versions =>
        Stages.Select(v => new ModelVersion { VersionId = v.Key, Stage = v.Value });
}

public sealed class ShelfActor(string family, EntityOptions options, TimeProvider clock)
    : EntityActor<ShelfState>("shelf", family, options, clock)
{
    public static Props Props(string family, EntityOptions? options = null, TimeProvider? clock = null) =>
        Akka.Actor.Props.Create(() =>
            new ShelfActor(family, options ?? new EntityOptions(), clock ?? TimeProvider.System)
        );
}

/// <summary>What one says to a shelf.</summary>
public static class Say
{
    public static readonly DateTimeOffset T0 = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static RegisterVersion Register(string family, string versionId, string commandId, int padding = 0) =>
        new()
        {
            Header = Header(commandId),
            Family = family,
            VersionId = versionId,
            SchemaId = new string('s', padding),
        };

    public static SetStage SetStage(string family, string versionId, Stage stage, string commandId) =>
        new()
        {
            Header = Header(commandId),
            Family = family,
            VersionId = versionId,
            Stage = stage,
        };

    public static CommandHeader Header(string commandId) => new() { CommandId = commandId, CorrelationId = "story" };
}
