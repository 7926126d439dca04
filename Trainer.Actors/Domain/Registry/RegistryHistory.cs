using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>A family as it was: stages are kept with the time each held, so any moment can be told from today's state.</summary>
internal static class RegistryHistory
{
    /// <summary>A version registered later is not there; one that changed its stage at that very moment has the new one.</summary>
    public static RegistryReply AsOf(RegistryState state, Timestamp at)
    {
        var versions = state
            .Versions.Where(v => v.History[0].From.CompareTo(at) <= 0)
            .Select(v => AsOf(v, at))
            .ToArray();
        return new RegistryReply
        {
            Family = state.Family,
            Versions = { versions },
            ChampionVersionId = Array.Find(versions, v => v.Stage == Stage.Champion)?.VersionId ?? "",
            At = at,
        };
    }

    private static ModelVersion AsOf(ModelVersion version, Timestamp at)
    {
        var then = version.Clone();
        then.History.Clear();
        then.History.AddRange(version.History.Where(h => h.From.CompareTo(at) <= 0).Select(h => h.Clone()));
        then.History[^1].Until = null;
        then.Stage = then.History[^1].Stage;
        then.Evaluations.Clear();
        then.Evaluations.AddRange(version.Evaluations.Where(e => e.RecordedAt.CompareTo(at) <= 0));
        if (then.ArtifactReleasedAt?.CompareTo(at) > 0)
        {
            then.ArtifactReleasedAt = null;
        }

        return then;
    }
}
