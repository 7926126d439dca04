using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>A node that has just come does not know what serves; who asks it meanwhile waits, and not for long.</summary>
public sealed partial class ScorerActor
{
    private const int MaxFirstRequests = 1_000;

    private readonly UnknownFamilies<FirstRequest> _newFamilies = new(MaxFirstRequests);
    private readonly TimeSpan _familyWait;

    /// <summary>False: there is nothing to wait for.</summary>
    private bool Waits(FirstRequest first)
    {
        var family = first.Request.Family;
        if (!_newFamilies.Wait(first, family))
        {
            return false;
        }

        Timers.After(first, _familyWait, () => GiveUp(family));
        if (_families.Add(family))
        {
            _registry.Get<RegistryRegion>().Tell(new GetRegistry { Family = family });
        }

        return true;
    }

    /// <summary>Those whose family is served now are scored; those whose family cannot be hear it.</summary>
    private void LetIn()
    {
        foreach (var family in _newFamilies.Awaited.Where(_table.IsSettled).ToArray())
        {
            Answer(_newFamilies.Know(family));
        }
    }

    /// <summary>A family without a champion is known too.</summary>
    private void Settle(RegistryReply family)
    {
        if (family.ChampionVersionId.Length == 0)
        {
            Answer(_newFamilies.Know(family.Family));
        }
    }

    /// <summary>No family of that name is kept in mind: names are the callers' to make up.</summary>
    private void Refuse(NotFoundReply m)
    {
        if (m.Region == RegionNames.AbTest)
        {
            RefuseExperiment(m.EntityId);
            return;
        }

        if (m.Region == RegionNames.Registry && _families.Remove(m.EntityId))
        {
            Answer(_newFamilies.Refuse(m.EntityId));
        }
    }

    /// <summary>Whoever comes later need not wait as long to hear the same.</summary>
    private void GiveUp(string family) => Answer(_newFamilies.Know(family));

    private void Answer(IEnumerable<FirstRequest> waited)
    {
        foreach (var first in waited)
        {
            Timers.Cancel(first);
            RouteOnce(first, mayWait: false);
        }
    }

    private sealed class FirstRequest(Score request, ExplainScore? why, IActorRef from)
    {
        public Score Request => request;

        public ExplainScore? Why => why;

        public IActorRef From => from;
    }
}
