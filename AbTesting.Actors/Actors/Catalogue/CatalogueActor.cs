using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using RalmActors.AbTesting.Domain.Catalogue;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// Follows the steps of all experiments and answers lists. It keeps nothing of its own: a restart reads the journal
/// again, and a rebuild reads it beside the catalogue that goes on answering.
/// </summary>
public sealed class CatalogueActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly IMaterializer _streams = Context.Materializer();
    private ExperimentCatalogue _served = ExperimentCatalogue.Empty;
    private ExperimentCatalogue? _rebuilt;
    private int _reading;
    private IKillSwitch? _stream;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Read();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Step step when step.Reading == _reading:
                Absorb(step);
                Sender.Tell(Next.Instance);
                break;
            case Step or Start:
                Sender.Tell(Next.Instance);
                break;
            case Ended ended when ended.Reading == _reading:
                Timers.After(nameof(Rebuild), Patience, Rebuild);
                break;
            case Tick tick:
                tick.Do();
                break;
            case ListExperiments asked:
                Sender.Tell(CatalogueSearch.Find(_served, asked));
                break;
            case ListChanges asked:
                Sender.Tell(CatalogueSearch.Find(_served, asked));
                break;
            case RebuildCatalogue:
                Rebuild();
                Sender.Tell(Size());
                break;
            default:
                break;
        }
    }

    protected override void PostStop() => _stream?.Shutdown();

    private void Absorb(Step step)
    {
        if (_rebuilt is not null)
        {
            _rebuilt = step.On(_rebuilt);
            (_served, _rebuilt) = _rebuilt.Offset >= _served.Offset ? (_rebuilt, null) : (_served, _rebuilt);
        }
        else
        {
            _served = step.On(_served);
        }
    }

    private void Rebuild()
    {
        _stream?.Shutdown();
        _rebuilt = _served.Offset > 0 ? ExperimentCatalogue.Empty : null;
        Read();
    }

    private void Read()
    {
        var reading = ++_reading;
        _stream = FollowedEvents
            .All(Context.System, RegionNames.AbTest)
            .Select(e => new Step(reading, e))
            .ViaMaterialized(KillSwitches.Single<Step>(), Keep.Right)
            .To(
                Sink.ActorRefWithAck<Step>(
                    Self,
                    Start.Instance,
                    Next.Instance,
                    new Ended(reading, null),
                    cause => new Ended(reading, cause)
                )
            )
            .Run(_streams);
    }

    private CatalogueReply Size() =>
        new()
        {
            Experiments = _served.Tests.Count,
            Changes = _served.Changes.Count,
            Rebuilding = _rebuilt is not null,
        };

    private sealed record Step(int Reading, FollowedEvent Event)
    {
        public ExperimentCatalogue On(ExperimentCatalogue catalogue) =>
            catalogue.Apply(Event.EntityId, (IExperimentStep)Event.Event, Event.SequenceNr, Event.Offset);
    }

    private sealed record Ended(int Reading, Exception? Cause);

    private sealed record Start
    {
        public static readonly Start Instance = new();
    }

    private sealed record Next
    {
        public static readonly Next Instance = new();
    }
}
