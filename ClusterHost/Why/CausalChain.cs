namespace RalmActors.ClusterHost.Why;

/// <summary>
/// What follows from what: steps of subjects, and which subject came of which. Walked from one of them back to all it came of,
/// and on to all that came of it.
/// </summary>
public sealed class CausalChain
{
    private readonly List<CausalStep> _steps = [];
    private readonly Dictionary<Subject, SortedSet<string>> _causes = [];
    private readonly Dictionary<Subject, List<Subject>> _from = [];
    private readonly Dictionary<Subject, List<Subject>> _to = [];

    /// <summary>Steps are told in the order in which they happened.</summary>
    public void Tell(DateTimeOffset at, Subject of, string what) => _steps.Add(new CausalStep(at, of, what));

    /// <summary>One came of another.</summary>
    public void Link(Subject cause, Subject effect)
    {
        if (cause.Id.Length > 0 && effect.Id.Length > 0 && Of(_causes, effect).Add($"{cause}"))
        {
            Of(_from, effect).Add(cause);
            Of(_to, cause).Add(effect);
        }
    }

    /// <summary>Subjects of that id, of whatever kind.</summary>
    public IReadOnlyList<Subject> Named(string id) => [.. _steps.Select(s => s.Of).Where(s => s.Id == id).Distinct()];

    /// <summary>All steps of what they came of, of themselves, and of what came of them, in order.</summary>
    public IReadOnlyList<CausalStep> Around(IEnumerable<Subject> asked)
    {
        Subject[] starts = [.. asked];
        var subjects = Reached(starts, _from);
        subjects.UnionWith(Reached(starts, _to));
        return [.. _steps.Where(s => subjects.Contains(s.Of))];
    }

    /// <summary>What it came of, as <c>kind/id</c>.</summary>
    public IReadOnlyCollection<string> CausesOf(Subject subject) => Of(_causes, subject);

    private static HashSet<Subject> Reached(IEnumerable<Subject> starts, Dictionary<Subject, List<Subject>> links)
    {
        var reached = new HashSet<Subject>(starts);
        var next = new Queue<Subject>(reached);
        while (next.TryDequeue(out var subject))
        {
            foreach (var other in links.GetValueOrDefault(subject) ?? [])
            {
                if (reached.Add(other))
                {
                    next.Enqueue(other);
                }
            }
        }

        return reached;
    }

    private static T Of<T>(Dictionary<Subject, T> map, Subject subject)
        where T : new() => map.TryGetValue(subject, out var found) ? found : map[subject] = new T();
}
