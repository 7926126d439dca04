using System.Collections.Immutable;
using RalmActors.Messages.Serving;

namespace RalmActors.Scorer.Domain.Serving;

/// <summary>
/// Which answers are compared with versions in shadow: the champion's, outside of experiments, and few at a time, since a
/// sample is enough.
/// </summary>
internal sealed class ShadowSample
{
    public const int MaxWaiting = 8;

    private int _waiting;

    public ImmutableArray<ShadowPlace> Places { get; private set; } = [];

    /// <summary>False: they are the same as before.</summary>
    public bool Follow(IEnumerable<ShadowPlace> places)
    {
        ImmutableArray<ShadowPlace> next = [.. places];
        if (next.SequenceEqual(Places))
        {
            return false;
        }

        Places = next;
        return true;
    }

    /// <summary>True: it is compared, and waits until <see cref="Done"/>.</summary>
    public bool Take(Score request, ScoreReply reply)
    {
        var takes =
            _waiting < MaxWaiting
            && reply.ExperimentId.Length == 0
            && Places.Any(s => s.Family == request.Family && s.ChampionVersionId == reply.VersionId);
        _waiting += takes ? 1 : 0;
        return takes;
    }

    public void Done() => _waiting = Math.Max(0, _waiting - 1);

    /// <summary>Whatever waits is lost.</summary>
    public void Restart() => _waiting = 0;
}
