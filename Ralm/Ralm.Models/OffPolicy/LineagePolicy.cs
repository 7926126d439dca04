using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;

namespace Ralm.Models.OffPolicy;

/// <summary>
/// A lineage, learned anew from its journaled batches, with its own settings or others. What it scores by at a moment is what was served
/// then: the weights behind the last batch, or, of a release that published none, behind the last checkpoint. One thread.
/// </summary>
public sealed class LineagePolicy : IReplayedPolicy
{
    private readonly AskedLineage _asked;
    private readonly ArtifactStore _store;
    private readonly string _device;
    private readonly FixedPolicy _served;
    private readonly Queue<BatchAccepted> _waiting = new();
    private readonly List<Sample> _samples = [];
    private LineageSettings _settings;
    private LineageTraining _training;
    private bool _isPublished = true;

    /// <exception cref="ArtifactException">The version it started from is gone.</exception>
    public LineagePolicy(AskedLineage asked, ArtifactStore store, string device = "cpu")
    {
        (_asked, _settings, _store, _device) = (asked, asked.Settings, store, device);
        var artifact = store.Load(asked.Base);
        _served = new FixedPolicy(artifact, device);
        try
        {
            _training = new LineageTraining(artifact, asked.Base.Hash, _settings, 0, device);
        }
        catch
        {
            _served.Dispose();
            throw;
        }
    }

    /// <summary>Times that other weights began to serve.</summary>
    public long Published { get; private set; }

    /// <summary>Batches learned.</summary>
    public long BatchNr => _training.BatchNr;

    public void Hear(IEvent e)
    {
        switch (e)
        {
            case BatchAccepted batch when !_asked.ServesCheckpoints:
                Learn(batch);
                Publish();
                break;
            case BatchAccepted batch:
                _waiting.Enqueue(batch);
                break;
            case BatchSetAside aside:
                // Its event comes before any checkpoint that covers it. Where it was learned at once, it diverged here, too.
                _waiting.FirstOrDefault(b => b.BatchNr == aside.BatchNr)?.Samples.Clear();
                break;
            case LineageTuned tuned when _asked.AreItsOwn:
                _settings = tuned.Settings;
                _training.Change(_settings);
                break;
            case LineageRolledBack back when _asked.AreItsOwn:
                RollBack(back);
                break;
            case LineageCheckpointed checkpoint:
                while (_waiting.TryPeek(out var batch) && batch.BatchNr <= checkpoint.BatchNr)
                {
                    Learn(_waiting.Dequeue());
                }

                Publish();
                break;
        }
    }

    public float[] Score(string userId, LoggedDecision decision) => _served.Score(userId, decision);

    public void Dispose()
    {
        _served.Dispose();
        _training.Dispose();
    }

    private void Learn(BatchAccepted batch)
    {
        if (!_asked.FillsItsBatches)
        {
            Apply(batch.Samples);
            return;
        }

        _samples.AddRange(batch.Samples);
        while (_samples.Count >= _settings.BatchSize)
        {
            Apply(_samples[.._settings.BatchSize]);
            _samples.RemoveRange(0, _settings.BatchSize);
        }
    }

    private void Apply(IReadOnlyList<Sample> samples)
    {
        _training.Apply(_training.BatchNr + 1, samples);
        _isPublished = false;
    }

    /// <exception cref="ArtifactException">The checkpoint is gone.</exception>
    private void RollBack(LineageRolledBack e)
    {
        var batchNr = _training.BatchNr;
        _training.Dispose();
        _training = new LineageTraining(
            _store.Load(e.To),
            e.To.Hash,
            _settings,
            batchNr,
            _device,
            e.ToBatchNr == 0 ? LineageStart.Base : LineageStart.RolledBack
        );
        _isPublished = false;
        Publish();
    }

    private void Publish()
    {
        if (!_isPublished)
        {
            _served.Adopt(_training.OnlineWeights());
            _isPublished = true;
            Published++;
        }
    }
}
