using System.Collections.Immutable;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// Lineages that this node knows to be open. One actor adds and removes, every user reads, so a name that is known costs no
/// message. What is closed stays so; until this node hears of it samples are still taken, and let go by the lineage.
/// </summary>
public sealed class OpenedLineages
{
    /// <summary>Beyond it names are asked for each time.</summary>
    private const int Most = 10_000;

    private volatile ImmutableSortedSet<string> _ids = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private ImmutableHashSet<string> _closed = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Ids => _ids;

    public bool Contains(string lineageId) => _ids.Contains(lineageId);

    public bool IsClosed(string lineageId) => _closed.Contains(lineageId);

    public void Add(string lineageId)
    {
        if (_ids.Count < Most && !IsClosed(lineageId))
        {
            _ids = _ids.Add(lineageId);
        }
    }

    public void Close(string lineageId)
    {
        _ids = _ids.Remove(lineageId);
        if (_closed.Count < Most)
        {
            _closed = _closed.Add(lineageId);
        }
    }
}
