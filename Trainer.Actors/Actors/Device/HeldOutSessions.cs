using Ralm.Models.Artifacts;
using Ralm.Models.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>Versions that are being judged on the rows held out: of each run at most one, in the device's memory.</summary>
internal sealed class HeldOutSessions(ArtifactStore store, DatasetCache datasets, string device)
{
    private readonly Dictionary<string, (string Id, HeldOutScoring Session)> _open = new(StringComparer.Ordinal);

    public void Open(EvaluateVersion m)
    {
        var data = datasets.Get(m.Version.DatasetPath, m.Version.DatasetHash);
        _open[m.RunId] = (m.SessionId, new HeldOutScoring(store.Load(m.Artifact), data, device));
    }

    public bool Holds(string runId, string sessionId) => _open.TryGetValue(runId, out var open) && open.Id == sessionId;

    /// <exception cref="UnknownSessionException">It is not held.</exception>
    public HeldOutScoring Of(EvaluateVersion m) =>
        Holds(m.RunId, m.SessionId) ? _open[m.RunId].Session : throw new UnknownSessionException(m.SessionId);

    public void End(string runId)
    {
        if (_open.Remove(runId, out var open))
        {
            open.Session.Dispose();
        }
    }

    public void CloseAll()
    {
        foreach (var (_, session) in _open.Values)
        {
            session.Dispose();
        }
    }
}
