using Akka.Actor;
using Akka.Event;
using RalmActors.Trainer.Torch.Sessions;

namespace RalmActors.Trainer.Actors;

/// <summary>Models that are updated online.</summary>
public sealed partial class GpuTrainerActor
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
        var session = new LineageTraining(_store.Load(m.Artifact), m.Artifact.Hash, m.Optimizer, m.BatchNr, _device);
        _lineages[m.LineageId] = (m.SessionId, session);
        Sender.Tell(new LineageSessionOpened(m.LineageId, m.SessionId));
    }

    private void Apply(ApplyBatch m)
    {
        var (loss, passedOver) = SessionOf(m).Apply(m.BatchNr, m.Samples);
        if (passedOver > 0)
        {
            _log.Warning(
                "lineage {0}: {1} samples of batch {2} do not fit the schema and are passed over",
                m.LineageId,
                passedOver,
                m.BatchNr
            );
        }

        Sender.Tell(new BatchApplied(m.LineageId, m.SessionId, m.BatchNr, loss));
    }

    private void Write(WriteLineageCheckpoint m)
    {
        var session = SessionOf(m);
        var checkpoint = _store.Save(session.Checkpoint());
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
                Report(e, $"lineage {m.LineageId}: {typeof(T).Name}");
                CloseLineage(new CloseLineageSession(m.LineageId, m.SessionId));
                Sender.Tell(new LineageSessionFailed(m.LineageId, m.SessionId, e.Message));
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
