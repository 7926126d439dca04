using Akka.Actor;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Schema;

namespace RalmActors.Trainer.Actors;

/// <summary>Models that are updated online.</summary>
public sealed partial class DeviceActor
{
    private readonly Dictionary<string, (string Id, LineageTraining Session)> _lineages = new(StringComparer.Ordinal);

    private void ReceiveForLineages()
    {
        ForLineage<OpenLineageSession>(Open);
        ForLineage<ApplyBatch>(Apply);
        ForLineage<WriteLineageCheckpoint>(Write);
        ForLineage<CloseLineageSession>(CloseLineage);
    }

    private void Open(OpenLineageSession m)
    {
        EndLineage(m.LineageId);
        var session = new LineageTraining(_store.Load(m.Artifact), m.Artifact.Hash, m.Optimizer, m.BatchNr, _device)
        {
            SeedsHash = m.Artifact.SeedsHash,
        };
        _lineages[m.LineageId] = (m.SessionId, session);
        Sender.Tell(new LineageSessionOpened(m.LineageId, m.SessionId));
    }

    private void Apply(ApplyBatch m)
    {
        var batch = SessionOf(m).Apply(m.BatchNr, m.Samples);
        Sender.Tell(
            batch.Diverged is { } reason
                ? new BatchDiverged(m.LineageId, m.SessionId, m.BatchNr, reason)
                : new BatchApplied(m.LineageId, m.SessionId, m.BatchNr, batch.Loss, batch.Rows, batch.PassedOver)
        );
    }

    private void Write(WriteLineageCheckpoint m)
    {
        var session = SessionOf(m);
        var checkpoint = _store.Save(session.Checkpoint());
        checkpoint.SeedsHash = session.SeedsHash;
        Sender.Tell(new LineageCheckpointWritten(m.LineageId, m.SessionId, checkpoint, session.BatchNr));
    }

    private void CloseLineage(CloseLineageSession m)
    {
        if (_lineages.TryGetValue(m.LineageId, out var open) && open.Id == m.SessionId)
        {
            EndLineage(m.LineageId);
        }
    }

    private LineageTraining SessionOf(ILineageSessionCommand m) =>
        _lineages.TryGetValue(m.LineageId, out var open) && open.Id == m.SessionId
            ? open.Session
            : throw new UnknownSessionException(m.SessionId);

    private void ForLineage<T>(Action<T> handle)
        where T : ILineageSessionCommand =>
        Receive<T>(m =>
        {
            try
            {
                handle(m);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                var isArtifactLost = m is OpenLineageSession && e is (ArtifactException or FeatureException);
                if (!isArtifactLost)
                {
                    // Its lineage tells of a lost artefact: once, not whenever it looks for it again.
                    Report(e, $"lineage {m.LineageId}: {typeof(T).Name}");
                }

                CloseLineage(new CloseLineageSession(m.LineageId, m.SessionId));
                Sender.Tell(new LineageSessionFailed(m.LineageId, m.SessionId, e.Message, isArtifactLost));
            }
        });

    private void EndLineage(string lineageId)
    {
        if (_lineages.Remove(lineageId, out var open))
        {
            open.Session.Dispose();
        }
    }
}
