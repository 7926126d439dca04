namespace RalmActors.Scorer.Domain.Seeds;

/// <summary>
/// Whose audience is asked for next. Each is under way once at a time, few are at all, and one that stays silent is asked
/// again.
/// </summary>
/// <param name="mostInFlight">Asked for at the same time.</param>
public sealed class FetchQueue(int mostInFlight)
{
    private readonly Queue<string> _waiting = new();
    private readonly HashSet<string> _isWaiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _again = new(StringComparer.Ordinal);
    private int _turn;

    /// <summary>It is asked for when its turn comes; if it is under way, once more: that answer may be too old.</summary>
    public void Add(string id)
    {
        if (_asked.ContainsKey(id))
        {
            _again.Add(id);
        }
        else if (_isWaiting.Add(id))
        {
            _waiting.Enqueue(id);
        }
    }

    /// <param name="isWanted">False: it is of no interest any more, and passed over.</param>
    /// <returns>Null: nobody is to be asked now.</returns>
    public string? Next(Predicate<string> isWanted)
    {
        while (_asked.Count < mostInFlight && _waiting.TryDequeue(out var id))
        {
            _isWaiting.Remove(id);
            if (isWanted(id))
            {
                _asked[id] = _turn;
                return id;
            }
        }

        return null;
    }

    /// <param name="more">The answer was a part.</param>
    public void Answered(string id, bool more)
    {
        _asked.Remove(id);
        if (_again.Remove(id) || more)
        {
            Add(id);
        }
    }

    /// <summary>Another turn begins; whoever was silent for a whole one is asked again.</summary>
    public void Turn()
    {
        _turn++;
        foreach (var (id, _) in _asked.Where(a => a.Value < _turn - 1).ToArray())
        {
            Answered(id, more: true);
        }
    }
}
