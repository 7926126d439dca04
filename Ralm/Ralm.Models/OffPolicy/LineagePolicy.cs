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
/// then: weights change where the journal has a checkpoint, or as its settings say. One thread.
/// </summary>
public sealed class LineagePolicy : IReplayedPolicy
{
    private readonly LineageSettings _settings;
    private readonly string _device;
    private readonly LineageTraining _training;
    private readonly Queue<BatchAccepted> _waiting = new();
    private readonly List<Sample> _samples = [];
    private FixedPolicy _served;
    private int _unpublished;

    /// <exception cref="ArtifactException">The version it started from is gone.</exception>
    public LineagePolicy(LineageSettings settings, ArtifactStore store, string device = "cpu")
    {
        (_settings, _device) = (settings, device);
        var opened = settings.Opened;
        var artifact = store.Load(opened.Base);
        _served = new FixedPolicy(artifact, device);
        try
        {
            _training = new LineageTraining(artifact, opened.Base.Hash, opened.Optimizer, 0, device, opened.Reaction);
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
            case BatchAccepted batch when _settings.CheckpointsItself:
                Learn(batch);
                break;
            case BatchAccepted batch:
                _waiting.Enqueue(batch);
                break;
            case BatchSetAside aside:
                // Its event comes before any checkpoint that covers it.
                _waiting.FirstOrDefault(b => b.BatchNr == aside.BatchNr)?.Samples.Clear();
                break;
            case LineageCheckpointed checkpoint when !_settings.CheckpointsItself:
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
        if (_settings.FillsItsBatches)
        {
            _samples.AddRange(batch.Samples);
            while (_samples.Count >= _settings.Opened.BatchSize)
            {
                Apply(_samples[.._settings.Opened.BatchSize]);
                _samples.RemoveRange(0, _settings.Opened.BatchSize);
            }
        }
        else
        {
            Apply(batch.Samples);
        }
    }

    private void Apply(IReadOnlyList<Sample> samples)
    {
        var learned = _training.Apply(_training.BatchNr + 1, samples);
        _unpublished++;
        if (
            _settings.CheckpointsItself && (learned.Reaction.Better || _unpublished >= _settings.Opened.CheckpointEvery)
        )
        {
            Publish();
        }
    }

    private void Publish()
    {
        if (_unpublished == 0)
        {
            return;
        }

        var next = new FixedPolicy(_training.Checkpoint(), _device);
        _served.Dispose();
        (_served, _unpublished) = (next, 0);
        Published++;
    }
}
