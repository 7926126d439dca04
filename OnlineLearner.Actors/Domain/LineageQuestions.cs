using System.Collections.Immutable;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>
/// Questions under way whether lineages are there. All who want to know of one name share a question, but a "no" counts
/// only for those who were there when it was sent: the lineage may have been opened since, and been acknowledged.
/// </summary>
/// <param name="most">Questions under way at once: names are the callers' to make up.</param>
internal sealed class LineageQuestions<TAsker>(int most)
{
    private readonly Dictionary<string, Question> _underWay = new(StringComparer.Ordinal);

    /// <summary>Names to ask for now.</summary>
    /// <returns>False, and nothing is under way for the asker: there is no room.</returns>
    public bool TryAsk(TAsker asker, IReadOnlyCollection<string> names, out IReadOnlyList<string> toAsk)
    {
        toAsk = [.. names.Where(name => !_underWay.ContainsKey(name))];
        if (_underWay.Count + toAsk.Count > most)
        {
            toAsk = [];
            return false;
        }

        var asked = new Asked(asker, [.. names]);
        foreach (var name in names)
        {
            if (_underWay.TryGetValue(name, out var question))
            {
                question.Late.Add(asked);
            }
            else
            {
                _underWay[name] = new Question { Sent = { asked } };
            }
        }

        return true;
    }

    /// <param name="askAgain">Some came after the question was sent: it is to be sent once more.</param>
    /// <returns>Those who know all they wanted to know.</returns>
    public IReadOnlyList<Answered<TAsker>> Answer(string name, LineageAnswer answer, out bool askAgain)
    {
        askAgain = false;
        if (!_underWay.Remove(name, out var question))
        {
            return [];
        }

        var settled = question.Sent;
        if (answer != LineageAnswer.Missing)
        {
            settled = [.. question.Sent, .. question.Late];
        }
        else if (question.Late.Count > 0)
        {
            askAgain = true;
            _underWay[name] = new Question { Sent = question.Late };
        }

        return [.. settled.Select(asked => asked.Settle(name, answer)).OfType<Answered<TAsker>>()];
    }

    private sealed class Question
    {
        public List<Asked> Sent { get; init; } = [];

        public List<Asked> Late { get; } = [];
    }

    private sealed class Asked(TAsker asker, HashSet<string> open)
    {
        private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
        private bool _silent;

        public Answered<TAsker>? Settle(string name, LineageAnswer answer)
        {
            open.Remove(name);
            _silent |= answer == LineageAnswer.Silent;
            if (answer == LineageAnswer.Missing)
            {
                _missing.Add(name);
            }

            return open.Count > 0 ? null : new Answered<TAsker>(asker, _silent ? null : [.. _missing]);
        }
    }
}

internal enum LineageAnswer
{
    There,
    Missing,

    /// <summary>It has not answered in time: nobody knows.</summary>
    Silent,
}

/// <param name="Missing">Null: not all could be found out.</param>
internal sealed record Answered<TAsker>(TAsker Asker, ImmutableHashSet<string>? Missing);
