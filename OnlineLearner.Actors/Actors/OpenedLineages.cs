using System.Collections.Immutable;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// Lineages that this node knows to have been opened: what was opened stays so. One actor adds, every user reads, so a
/// name that is known costs no message.
/// </summary>
public sealed class OpenedLineages
{
    /// <summary>Beyond it names are asked for each time.</summary>
    private const int Most = 10_000;

    private volatile ImmutableSortedSet<string> _ids = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Ids => _ids;

    public bool Contains(string lineageId) => _ids.Contains(lineageId);

    public void Add(IEnumerable<string> lineageIds)
    {
        if (_ids.Count < Most)
        {
            _ids = _ids.Union(lineageIds.Take(Most - _ids.Count));
        }
    }
}
