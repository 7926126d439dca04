using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>How old samples were when the weights that have learned them were published: the newest 1,000.</summary>
public sealed class PublishedAges
{
    private const int Max = 1_000;

    private readonly Queue<DateTimeOffset> _learned = new();
    private readonly Queue<double> _ages = new();

    /// <summary>A batch is in the weights, and not published yet.</summary>
    public void Learned(BatchAccepted batch)
    {
        foreach (var sample in batch.Samples.Where(s => s.OccurredAt is not null))
        {
            _learned.Enqueue(sample.OccurredAt.ToDateTimeOffset());
        }

        while (_learned.Count > Max)
        {
            _learned.Dequeue();
        }
    }

    public void Published(DateTimeOffset now)
    {
        while (_learned.TryDequeue(out var at))
        {
            _ages.Enqueue((now - at).TotalMilliseconds);
        }

        while (_ages.Count > Max)
        {
            _ages.Dequeue();
        }
    }

    public void WriteTo(LineageReply reply)
    {
        if (_ages.Count > 0)
        {
            double[] ages = [.. _ages.Order()];
            reply.PublishedAfterP50Ms = ages[(ages.Length - 1) / 2];
            reply.PublishedAfterP95Ms = ages[(int)Math.Ceiling(0.95 * ages.Length) - 1];
        }
    }
}
