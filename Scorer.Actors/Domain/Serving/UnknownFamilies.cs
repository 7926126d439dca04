using RalmActors.Scorer.Domain.Seeds;

namespace RalmActors.Scorer.Domain.Serving;

/// <summary>
/// Requests for families of which a node does not know yet who serves, as after a restart: they wait until it does, so
/// that a node that has just come fails none.
/// </summary>
/// <param name="most">So many wait; more are refused at once.</param>
internal sealed class UnknownFamilies<TRequest>(int most)
    where TRequest : class
{
    private readonly PendingRequests<TRequest> _room = new(most);
    private readonly HashSet<string> _waitedFor = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Somebody waits for them.</summary>
    public IReadOnlyCollection<string> Awaited => _waitedFor;

    /// <summary>False: what serves the family is known, or there is no room.</summary>
    public bool Wait(TRequest request, string family)
    {
        if (_known.Contains(family) || !_room.Enter(request, [family]))
        {
            return false;
        }

        _waitedFor.Add(family);
        return true;
    }

    /// <summary>From now on nobody waits for it.</summary>
    /// <returns>Who did.</returns>
    public IReadOnlyList<TRequest> Know(string family)
    {
        _known.Add(family);
        return LetGo(family);
    }

    /// <summary>There is no such family now; the next request asks again.</summary>
    /// <returns>Who waited for it.</returns>
    public IReadOnlyList<TRequest> Refuse(string family)
    {
        // It may have been given up as silent before: nobody would ask for it any more.
        _known.Remove(family);
        return LetGo(family);
    }

    private IReadOnlyList<TRequest> LetGo(string family)
    {
        _waitedFor.Remove(family);
        return _room.Arrived(family);
    }
}
