using Google.Protobuf.WellKnownTypes;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Seeds;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.SeedLoads;

/// <summary>
/// The seeds of one file on their way to the audiences: how far they have come. A seed told twice changes nothing, so the mark
/// may lag behind.
/// </summary>
/// <param name="Progress">The last word; null: the file has not been opened yet.</param>
public sealed record SeedLoadState(
    string SeedsHash,
    SeedLoadBegun? Begun,
    SeedLoadAdvanced? Progress,
    Timestamp? EndedAt
) : IEntityState<SeedLoadState>
{
    public bool IsUnderWay => Begun is not null && EndedAt is null;

    /// <summary>Audiences before this place have their seeds.</summary>
    public int AudiencesLoaded => Progress?.AudiencesLoaded ?? 0;

    public static SeedLoadState Empty(string entityId) => new(entityId, null, null, null);

    public static SeedLoadState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (SeedLoadSnapshot)snapshot;
        return s.BegunAt is null
            ? Empty(entityId)
            : new SeedLoadState(
                entityId,
                new SeedLoadBegun
                {
                    Header = new EventHeader { At = s.BegunAt },
                    Family = s.Family,
                    VersionId = s.VersionId,
                },
                s.Audiences == 0 && s.EndedAt is null
                    ? null
                    : new SeedLoadAdvanced
                    {
                        AudiencesLoaded = s.AudiencesLoaded,
                        SeedsLoaded = s.SeedsLoaded,
                        Audiences = s.Audiences,
                        Seeds = s.Seeds,
                        Refused = s.Refused,
                        Refusal = s.Refusal,
                        TrainedKeep = s.TrainedKeep,
                    },
                s.EndedAt
            );
    }

    public IWireMessage ToSnapshot()
    {
        var reply = ToReply();
        return new SeedLoadSnapshot
        {
            Family = reply.Family,
            VersionId = reply.VersionId,
            BegunAt = reply.BegunAt,
            EndedAt = reply.EndedAt,
            AudiencesLoaded = reply.AudiencesLoaded,
            Audiences = reply.Audiences,
            SeedsLoaded = reply.SeedsLoaded,
            Seeds = reply.Seeds,
            Refused = reply.Refused,
            Refusal = reply.Refusal,
            TrainedKeep = reply.TrainedKeep,
        };
    }

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command is not LoadSeeds c ? throw new NotSupportedException(command.GetType().Name)
        : ArtifactRules.CheckHash("seeds_hash", c.SeedsHash) is { } rejection ? Decision.Refuse(rejection)
        : Begun is not null ? Decision.Nothing
        : Decision.Accept(new SeedLoadBegun { Family = c.Family, VersionId = c.VersionId });

    /// <summary>More audiences have their seeds.</summary>
    /// <param name="to">All that was loaded so far; of the file's audiences and seeds.</param>
    /// <returns>Null: that is known already.</returns>
    public Decision? Advance(SeedLoadAdvanced to) =>
        IsUnderWay && (Progress is null || to.AudiencesLoaded > AudiencesLoaded) ? Decision.Accept(to) : null;

    public SeedLoadState Apply(IEvent e) =>
        e switch
        {
            SeedLoadBegun begun => this with { Begun = begun },
            SeedLoadAdvanced to => this with
            {
                Progress = to,
                EndedAt = to.AudiencesLoaded == to.Audiences ? to.Header.At : null,
            },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is not GetSeedLoad ? throw new NotSupportedException(query.GetType().Name)
        : Begun is null ? new NotFoundReply { Region = RegionNames.SeedLoad, EntityId = SeedsHash }
        : ToReply();

    public SeedLoadReply ToReply() =>
        new()
        {
            SeedsHash = SeedsHash,
            Family = Begun?.Family ?? "",
            VersionId = Begun?.VersionId ?? "",
            BegunAt = Begun?.Header.At,
            EndedAt = EndedAt,
            AudiencesLoaded = AudiencesLoaded,
            Audiences = Progress?.Audiences ?? 0,
            SeedsLoaded = Progress?.SeedsLoaded ?? 0,
            Seeds = Progress?.Seeds ?? 0,
            Refused = Progress?.Refused ?? 0,
            Refusal = Progress?.Refusal,
            TrainedKeep = Progress?.TrainedKeep ?? 0,
            Ready = EndedAt is not null,
        };
}
