using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Ralm.Datasets.Files;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Seeds;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.SeedLoads;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The shell of a load: tells every audience of a file its seeds, a bounded number at a time, and journals from time to time
/// how far it is. Whatever ends it, the next incarnation goes on from the mark.
/// </summary>
public sealed class SeedLoadActor : EntityActor<SeedLoadState>
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>What nobody asked to load leaves memory after so long.</summary>
    private static readonly TimeSpan IdleStaysFor = TimeSpan.FromSeconds(2);

    private readonly SeedLoadOptions _options;
    private readonly ArtifactStore _store;
    private readonly IActorRef _users;
    private SeedSender? _sender;
    private SeedFile? _file;
    private bool _isReading;
    private bool _isOpening;
    private int _failures;
    private string _waitingFor = "";

    /// <param name="users">The users' region.</param>
    public SeedLoadActor(
        string seedsHash,
        SeedLoadOptions options,
        TimeProvider clock,
        ArtifactStore store,
        IActorRef users
    )
        : base(RegionNames.SeedLoad, seedsHash, options.Entity, clock) =>
        (_options, _store, _users) = (options, store, users);

    protected override void OnReady() => GoOn();

    protected override void OnChanged(SeedLoadState before, ImmutableArray<IEvent> events) => GoOn();

    protected override IWireMessage Answer(IQuery query)
    {
        var reply = base.Answer(query);
        if (reply is not SeedLoadReply load)
        {
            return reply;
        }

        // A setting that was changed since counts from now on.
        load.Keep = _options.Keep;
        if (!load.Ready)
        {
            load.WaitingFor = Outbox.Silent is { Owed: var silent }
                ? $"user {((AddSeeds)silent.Command()).UserId} has not taken its seeds yet"
                : _waitingFor;
            (load.Audiences, load.Seeds) = (_file?.Head.Audiences ?? load.Audiences, _file?.Head.Seeds ?? load.Seeds);
        }

        return load;
    }

    protected override RetryPauses Pauses => RetryPauses.From(_options.TellAgainAfter);

    protected override ICanTell Way(Type region) => _users;

    protected override void OnSettled(Settlement settled)
    {
        _sender?.Settled(settled);
        Outbox.End(settled.Key);
        Send();
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Opened opened:
                Begin(opened);
                return true;
            case Failed failed:
                Fail(failed.Reason);
                return true;
            case PartRead part when part.Of == _file:
                _isReading = false;
                _sender!.Add(part.Audiences);
                Send();
                return true;
            case PartRead:
                // Of an attempt given up.
                return true;
            case CommandReply:
                // Of an attempt given up.
                return true;
            default:
                return false;
        }
    }

    protected override void PostStop()
    {
        _file?.Dispose();
        base.PostStop();
    }

    /// <summary>Takes up what the state says is still to be done.</summary>
    private void GoOn()
    {
        if (!State.IsUnderWay)
        {
            Close();
            Timers.After(nameof(Leave), IdleStaysFor, Leave);
        }
        else if (_sender is null && !_isOpening)
        {
            _isOpening = true;
            var done = State.AudiencesLoaded;
            _ = Task.Run(() =>
                {
                    var file = _store.OpenSeeds(EntityId);
                    file.Skip(done);
                    return file;
                })
                .PipeTo(Self, success: file => new Opened(file), failure: e => new Failed(Reason(e)));
        }
        else
        {
            Send();
        }
    }

    private void Leave()
    {
        if (!State.IsUnderWay)
        {
            LeaveMemory();
        }
    }

    private void Begin(Opened opened)
    {
        (_isOpening, _failures, _waitingFor) = (false, 0, "");
        (_file, _sender) = (opened.File, new SeedSender(EntityId, _options, State.Progress));
        if (_file.Head.Keep != _options.Keep)
        {
            Log.Warning(
                "{0}: audiences keep {1} seeds here, the model was trained with {2}: it is not served as it was judged",
                PersistenceId,
                _options.Keep,
                _file.Head.Keep
            );
        }

        Send();
    }

    /// <summary>What is told follows from the file, and only the mark is journaled.</summary>
    private void Send()
    {
        if (_sender is null || _file is null)
        {
            return;
        }

        foreach (var command in _sender.Next())
        {
            Outbox.Begin(new OutgoingCommand(command.Header.CommandId, typeof(UserRegion), () => command));
        }

        if (_sender.Wants && !_isReading && _file.Read < _file.Head.Audiences)
        {
            _isReading = true;
            var (file, most) = (_file, _options.AtOnce);
            _ = Task.Run(() => SeedSender.Read(file, most))
                .PipeTo(Self, success: part => new PartRead(file, part), failure: e => new Failed(Reason(e)));
        }

        if (_sender.Mark(_file.Head) is { } mark && State.Advance(mark) is { } advanced)
        {
            Commit(advanced, new CommandHeader { CommandId = $"loaded:{mark.AudiencesLoaded}" }, _ => { });
        }
    }

    private void Fail(string reason)
    {
        Close();
        (_isOpening, _waitingFor) = (false, reason);
        var pause = Backoff.After(_options.RetryAfter, ++_failures, LongestPause);
        Log.Warning("{0}: seeds cannot be read, tried again in {1}: {2}", PersistenceId, pause, reason);
        Timers.After(nameof(GoOn), pause, GoOn);
    }

    private void Close()
    {
        Outbox.EndOwn();
        _file?.Dispose();
        (_file, _sender, _isReading) = (null, null, false);
    }

    private static string Reason(Exception e) =>
        e is AggregateException { InnerException: { } inner } ? inner.Message : e.Message;

    private sealed record Opened(SeedFile File) : INoSerializationVerificationNeeded;

    private sealed record Failed(string Reason) : INoSerializationVerificationNeeded;

    private sealed record PartRead(SeedFile Of, ImmutableArray<ReadAudience> Audiences)
        : INoSerializationVerificationNeeded;
}
