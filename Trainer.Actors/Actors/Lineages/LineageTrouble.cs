using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// What keeps a lineage from learning: told to whoever asks, logged once per cause and not per try, tried again with pauses
/// that grow to 64 times the first.
/// </summary>
internal sealed class LineageTrouble(TimeSpan firstPause)
{
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private int _failures;

    /// <summary>Empty: nothing is wrong.</summary>
    public string Problem { get; private set; } = "";

    /// <returns>Whether this is new.</returns>
    public bool Meet(string problem)
    {
        Problem = problem;
        return _logged.Add(problem);
    }

    public TimeSpan NextPause() => Backoff.After(firstPause, ++_failures, 64 * firstPause);

    /// <summary>There is a session again; whether it holds is not known yet.</summary>
    public void Opened() => Problem = "";

    /// <summary>It learns.</summary>
    public void Over()
    {
        Problem = "";
        _failures = 0;
        _logged.Clear();
    }
}
