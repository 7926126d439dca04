using Akka.Actor;

namespace RalmActors.Trainer.Actors;

/// <summary>Runs that wait for a place at the trainer, in the order they were started: a crash does not change it.</summary>
internal sealed class WaitingRuns
{
    private readonly SortedSet<Waiting> _all = new(
        Comparer<Waiting>.Create(
            (a, b) => a.Since != b.Since ? a.Since.CompareTo(b.Since) : string.CompareOrdinal(a.RunId, b.RunId)
        )
    );

    public int Count => _all.Count;

    /// <summary>In the place of any message of the same run.</summary>
    public void Add(OpenTrainingSession m, IActorRef replyTo)
    {
        Remove(m.RunId);
        _all.Add(new Waiting(m.Run.Header?.At?.ToDateTimeOffset() ?? default, m.RunId, m, replyTo));
    }

    public void Remove(string runId, string? sessionId = null) =>
        _all.RemoveWhere(w => w.RunId == runId && (sessionId is null || w.Message.SessionId == sessionId));

    public (OpenTrainingSession Message, IActorRef ReplyTo) Next()
    {
        var first = _all.Min!;
        _all.Remove(first);
        return (first.Message, first.ReplyTo);
    }

    public void TellPlaces()
    {
        var place = 0;
        foreach (var w in _all)
        {
            w.ReplyTo.Tell(new TrainingSessionWaiting(w.RunId, w.Message.SessionId, ++place));
        }
    }

    private sealed record Waiting(DateTimeOffset Since, string RunId, OpenTrainingSession Message, IActorRef ReplyTo);
}
