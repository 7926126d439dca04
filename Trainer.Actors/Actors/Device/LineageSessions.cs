using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>Models that are updated online: of each lineage at most one, in the device's memory.</summary>
internal sealed class LineageSessions(ArtifactStore store, string device)
{
    private readonly Dictionary<string, (string Id, LineageTraining Session)> _open = new(StringComparer.Ordinal);

    /// <returns>The answer; null: nobody waits for one.</returns>
    /// <exception cref="UnknownSessionException">It is not held.</exception>
    public ILineageSessionReply? Handle(ILineageSessionCommand command)
    {
        switch (command)
        {
            case OpenLineageSession m:
                return Open(m);
            case ApplyBatch m:
                return Apply(m);
            case ChangeLearning m:
                Change(m);
                return null;
            case ReadWeights m:
                return Read(m);
            case WriteLineageCheckpoint m:
                return Write(m);
            case CloseLineageSession m:
                Close(m);
                return null;
            default:
                throw new NotSupportedException(command.GetType().Name);
        }
    }

    /// <summary>Another session of the lineage stays.</summary>
    public void Close(ILineageSessionCommand m)
    {
        if (_open.TryGetValue(m.LineageId, out var open) && open.Id == m.SessionId)
        {
            End(m.LineageId);
        }
    }

    public void CloseAll()
    {
        foreach (var (_, session) in _open.Values)
        {
            session.Dispose();
        }
    }

    private LineageSessionOpened Open(OpenLineageSession m)
    {
        End(m.LineageId);
        var session = new LineageTraining(
            store.Load(m.Artifact),
            m.Artifact.Hash,
            m.Settings,
            m.BatchNr,
            device,
            m.From,
            () => m.Base is { } first ? LoadIfThere(first) : null
        )
        {
            SeedsHash = m.Artifact.SeedsHash,
        };
        _open[m.LineageId] = (m.SessionId, session);
        return new LineageSessionOpened(m.LineageId, m.SessionId);
    }

    private ILineageSessionReply Apply(ApplyBatch m)
    {
        var batch = SessionOf(m).Apply(m.BatchNr, m.Samples);
        return batch.Diverged is { } reason
            ? new BatchDiverged(m.LineageId, m.SessionId, m.BatchNr, reason)
            : new BatchApplied(
                m.LineageId,
                m.SessionId,
                m.BatchNr,
                batch.Loss,
                batch.Rows,
                batch.PassedOver,
                batch.Reaction.Noticed,
                batch.Reaction.Ended,
                batch.Measured,
                batch.Behind
            );
    }

    private void Change(ChangeLearning m)
    {
        var session = SessionOf(m);
        if (m.EndsReaction)
        {
            session.EndReaction();
        }

        if (m.Settings is { } settings)
        {
            session.Change(settings);
        }
    }

    private WeightsRead Read(ReadWeights m)
    {
        var session = SessionOf(m);
        var (from, values) = session.OnlineWeights();
        return new WeightsRead(m.LineageId, m.SessionId, session.BatchNr, from, values);
    }

    private ModelArtifact? LoadIfThere(ArtifactRef artifact)
    {
        try
        {
            return store.Load(artifact);
        }
        catch (Exception e) when (e is ArtifactException or IOException)
        {
            // The lineage goes on without it, and nothing is told of its starting weights.
            return null;
        }
    }

    private LineageCheckpointWritten Write(WriteLineageCheckpoint m)
    {
        var session = SessionOf(m);
        var checkpoint = store.Save(session.Checkpoint());
        checkpoint.SeedsHash = session.SeedsHash;
        return new LineageCheckpointWritten(m.LineageId, m.SessionId, checkpoint, session.BatchNr);
    }

    private LineageTraining SessionOf(ILineageSessionCommand m) =>
        _open.TryGetValue(m.LineageId, out var open) && open.Id == m.SessionId
            ? open.Session
            : throw new UnknownSessionException(m.SessionId);

    private void End(string lineageId)
    {
        if (_open.Remove(lineageId, out var open))
        {
            open.Session.Dispose();
        }
    }
}
