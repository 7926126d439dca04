using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// The families whose champions a node asks for. One that has just come does not know what serves; who asks it meanwhile
/// waits, and not for long.
/// </summary>
/// <param name="regions">Has that of <see cref="RegistryRegion"/>.</param>
/// <param name="patience">How long a request waits.</param>
/// <param name="timers">Of the scorer, that hears the answers.</param>
/// <param name="release">What becomes of those that have waited.</param>
internal sealed class FollowedFamilies(
    IReadOnlyActorRegistry regions,
    TimeSpan patience,
    ITimerScheduler timers,
    IActorRef scorer,
    Action<PendingScore> release
)
{
    internal const int MaxWaiting = 1_000;

    private readonly UnknownFamilies<PendingScore> _unknown = new(MaxWaiting);
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);

    /// <summary>Asks for those that are new.</summary>
    public void Follow(IEnumerable<string> families)
    {
        foreach (var family in families.Where(_followed.Add).ToArray())
        {
            Ask(family);
        }
    }

    public void AskAgain()
    {
        foreach (var family in _followed)
        {
            Ask(family);
        }
    }

    /// <summary>False: there is nothing to wait for.</summary>
    public bool Wait(PendingScore first)
    {
        var family = first.Request.Family;
        if (!_unknown.Wait(first, family))
        {
            return false;
        }

        // Whoever comes later need not wait as long to hear the same.
        timers.After(first, patience, () => Release(_unknown.Know(family)));
        Follow([family]);
        return true;
    }

    /// <summary>Those whose family is served now are scored; those whose family cannot be hear it.</summary>
    public void LetIn(ServingTable table)
    {
        foreach (var family in _unknown.Awaited.Where(table.IsSettled).ToArray())
        {
            Release(_unknown.Know(family));
        }
    }

    /// <summary>A family without a champion is known too.</summary>
    public void Settle(RegistryReply family)
    {
        if (family.ChampionVersionId.Length == 0)
        {
            Release(_unknown.Know(family.Family));
        }
    }

    /// <summary>No family of that name is kept in mind: names are the callers' to make up.</summary>
    public void Forget(string family)
    {
        if (_followed.Remove(family))
        {
            Release(_unknown.Refuse(family));
        }
    }

    private void Ask(string family) => regions.Get<RegistryRegion>().Tell(new GetRegistry { Family = family }, scorer);

    private void Release(IEnumerable<PendingScore> waited)
    {
        foreach (var first in waited)
        {
            timers.Cancel(first);
            release(first);
        }
    }
}
