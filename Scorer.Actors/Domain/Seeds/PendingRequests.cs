namespace RalmActors.Scorer.Domain.Seeds;

/// <summary>Requests that wait until something is known of everyone they name.</summary>
/// <param name="most">So many wait; more do not: seeds must not make a scorer slow.</param>
public sealed class PendingRequests<TRequest>(int most)
    where TRequest : class
{
    private readonly Dictionary<TRequest, HashSet<string>> _lacks = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, HashSet<TRequest>> _waitFor = new(StringComparer.Ordinal);

    public IEnumerable<TRequest> Waiting => _lacks.Keys;

    /// <summary>False: it lacks nobody, or there is no room.</summary>
    public bool Enter(TRequest request, IEnumerable<string> lacking)
    {
        var lacks = lacking.ToHashSet(StringComparer.Ordinal);
        if (lacks.Count == 0 || _lacks.Count >= most)
        {
            return false;
        }

        _lacks[request] = lacks;
        foreach (var id in lacks)
        {
            if (!_waitFor.TryGetValue(id, out var requests))
            {
                _waitFor[id] = requests = new HashSet<TRequest>(ReferenceEqualityComparer.Instance);
            }

            requests.Add(request);
        }

        return true;
    }

    /// <summary>Someone is known now.</summary>
    /// <returns>Requests that lack nobody any more; they no longer wait.</returns>
    public IReadOnlyList<TRequest> Arrived(string id)
    {
        if (!_waitFor.Remove(id, out var requests))
        {
            return [];
        }

        var ready = new List<TRequest>();
        foreach (var request in requests)
        {
            _lacks[request].Remove(id);
            if (_lacks[request].Count == 0)
            {
                _lacks.Remove(request);
                ready.Add(request);
            }
        }

        return ready;
    }

    /// <summary>It waits no longer.</summary>
    /// <returns>Whom it still lacked; null: it did not wait.</returns>
    public IReadOnlyCollection<string>? Leave(TRequest request)
    {
        if (!_lacks.Remove(request, out var lacked))
        {
            return null;
        }

        foreach (var id in lacked)
        {
            _waitFor[id].Remove(request);
            if (_waitFor[id].Count == 0)
            {
                _waitFor.Remove(id);
            }
        }

        return lacked;
    }
}
