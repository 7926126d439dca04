using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// Tells a scorer that has just started of every family there is, so that it has looked at their champions before anybody
/// asks for a score. It ends when it has.
/// </summary>
internal sealed class FamilyFinderActor : ReceiveActor, IWithTimers
{
    private const string Prefix = $"{RegionNames.Registry}-";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IActorRef _scorer;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly Func<Task<IReadOnlyCollection<string>>> _journaled;
    private readonly TimeSpan _patience;
    private int _awaited;

    /// <param name="registry">Has the region of <see cref="RegistryRegion"/>.</param>
    /// <param name="journaled">Every entity that has ever journaled anything.</param>
    /// <param name="patience">Of one family; and of all, after which the scorer goes on without the missing ones.</param>
    public FamilyFinderActor(
        IActorRef scorer,
        IReadOnlyActorRegistry registry,
        Func<Task<IReadOnlyCollection<string>>> journaled,
        TimeSpan patience
    )
    {
        (_scorer, _registry, _journaled, _patience) = (scorer, registry, journaled, patience);
        Receive<Tick>(tick => tick.Do());
        Receive<Unlisted>(_ => Timers.After(nameof(List), Pause, List));
        Receive<Listed>(m => Ask(m.Families));
        Receive<Answered>(OnAnswered);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.After(nameof(Found), _patience, Found);
        List();
    }

    private void List() =>
        _ = _journaled()
            .PipeTo(
                Self,
                success: ids => new Listed([
                    .. ids.Where(id => id.StartsWith(Prefix, StringComparison.Ordinal))
                        .Select(id => id[Prefix.Length..]),
                ]),
                failure: _ => Unlisted.Instance
            );

    private void Ask(string[] families)
    {
        _awaited = families.Length;
        foreach (var family in families)
        {
            _ = _registry
                .Get<RegistryRegion>()
                .AskFor<RegistryReply>(new GetRegistry { Family = family }, _patience)
                .PipeTo(Self, success: reply => new Answered(reply));
        }

        EndWhenAllAreFound();
    }

    /// <summary>Of one that is not found, not to be read or silent nothing more is to be had now.</summary>
    private void OnAnswered(Answered m)
    {
        if (m.Answer is Answer<RegistryReply>.Given family)
        {
            _scorer.Tell(family.Reply);
        }

        _awaited--;
        EndWhenAllAreFound();
    }

    private void EndWhenAllAreFound()
    {
        if (_awaited == 0)
        {
            Found();
            Context.Stop(Self);
        }
    }

    private void Found() => _scorer.Tell(ScorerActor.FamiliesFound.Instance);

    private sealed record Listed(string[] Families) : INoSerializationVerificationNeeded;

    private sealed record Answered(Answer<RegistryReply> Answer) : INoSerializationVerificationNeeded;

    private sealed class Unlisted : INoSerializationVerificationNeeded
    {
        public static readonly Unlisted Instance = new();
    }
}
