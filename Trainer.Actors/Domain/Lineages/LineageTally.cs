using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// What has become of the samples that a lineage's trainer has applied. It is counted from the checkpoint on: a restart, which
/// applies the batches since then anew, comes to the same numbers.
/// </summary>
public sealed class LineageTally
{
    private readonly PrequentialLoss _loss = new();
    private long _learned;
    private long _passedOver;

    public double Loss => _loss.Value;

    public long PassedOver => _passedOver;

    public void Restart(LineageState state)
    {
        (_learned, _passedOver) = (state.LearnedAtCheckpoint, state.PassedOverAtCheckpoint);
        _loss.Restart(state.Checkpoint?.PrequentialLoss ?? 0, _learned);
    }

    public void Add(double meanLoss, int learned, int passedOver)
    {
        _loss.Add(meanLoss, learned);
        (_learned, _passedOver) = (_learned + learned, _passedOver + passedOver);
    }

    public void WriteTo(LineageReply reply) =>
        (reply.PrequentialLoss, reply.SamplesLearned, reply.SamplesPassedOver) = (Loss, _learned, _passedOver);
}
