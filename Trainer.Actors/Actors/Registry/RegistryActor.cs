using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Registry;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The shell of a model family: says on the registry topic what serves, whenever that changes and when it is back. What a
/// command would have written is written only when the files it rests on are there and whole. Of a version that begins to
/// serve it has the seeds loaded.
/// </summary>
public sealed class RegistryActor : EntityActor<RegistryState>
{
    private static readonly TimeSpan LoadDeadline = TimeSpan.FromSeconds(2);
    private static readonly RetryPauses LoadPauses = RetryPauses.From(LoadDeadline);

    private readonly IActorRef _topics;
    private readonly ArtifactCheck _check;
    private readonly IReadOnlyActorRegistry _regions;
    private int _checking;

    /// <param name="topics">The publish/subscribe mediator.</param>
    /// <param name="regions">Has that of loads of seeds.</param>
    public RegistryActor(
        string family,
        EntityOptions options,
        TimeProvider clock,
        IActorRef topics,
        ArtifactCheck check,
        IReadOnlyActorRegistry regions
    )
        : base(RegionNames.Registry, family, options, clock) => (_topics, _check, _regions) = (topics, check, regions);

    protected override void OnReady()
    {
        if (!State.Versions.IsEmpty)
        {
            Publish();
        }
    }

    protected override void OnChanged(RegistryState before, ImmutableArray<IEvent> events)
    {
        Publish();
    }

    protected override RetryPauses Pauses => LoadPauses;

    protected override ICanTell? Way(Type region) => OutboxSender.WayTo(_regions, region);

    protected override bool IsBusy => _checking > 0;

    /// <summary>What is refused or known already needs no file.</summary>
    protected override bool Intercept(ICommand command)
    {
        var files = RestsOn.Files(State, Consider(command));
        if (files.IsEmpty)
        {
            return false;
        }

        _checking++;
        var replyTo = Sender;
        _ = FirstBad(files)
            .PipeTo(
                Self,
                success: bad => new Checked(command, replyTo, bad, null),
                failure: cause => new Checked(command, replyTo, null, cause)
            );
        return true;
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Checked { Cause: { } cause } m:
                _checking--;
                Log.Warning(
                    "{0}: {1} rests on files that could not be read: {2}",
                    PersistenceId,
                    m.What,
                    cause.Message
                );
                AnswerUnavailable(m.Command, m.ReplyTo);
                return true;
            case Checked m:
                _checking--;
                Execute(m.Command, m.ReplyTo, m.Bad is { } bad ? (_, _) => Decision.Refuse(bad) : null);
                return true;
            case CommandReply:
                // Whose journal cannot be written now is asked again in its turn.
                return true;
            default:
                return false;
        }
    }

    protected override void Reply(IQuery query, IActorRef to)
    {
        if (query is GetReadiness ready)
        {
            _ = Readiness(State, ready)
                .PipeTo(to, Self, success: reply => reply, failure: e => VersionReadiness.Unknown(ready, e.Message));
            return;
        }

        if (query is not CheckVersion asked)
        {
            base.Reply(query, to);
            return;
        }

        var (version, unfit) = RestsOn.Serving(State, asked.VersionId);
        var reply = new VersionCheckReply
        {
            Family = EntityId,
            Version = version,
            Rejection = unfit,
        };
        if (unfit is not null)
        {
            to.Tell(reply);
            return;
        }

        _ = FirstBad([RestsOn.FileOf(version!)])
            .PipeTo(
                to,
                Self,
                success: bad => RestsOn.Answer(reply, bad),
                failure: cause => RestsOn.Answer(reply, RestsOn.Unread(asked.VersionId, cause.Message))
            );
    }

    private async Task<Rejection?> FirstBad(ImmutableArray<NamedFile> files)
    {
        foreach (var file in files)
        {
            if (await _check(file.Field, file.Reference) is { } bad)
            {
                return file.Refuse(bad);
            }
        }

        return null;
    }

    /// <summary>The file is looked at, and the load of its seeds is asked how far it is.</summary>
    private async Task<IWireMessage> Readiness(RegistryState state, GetReadiness asked)
    {
        var (version, unfit) = RestsOn.Serving(state, asked.VersionId);
        if (version is null)
        {
            return VersionReadiness.Missing(asked);
        }

        var bad = unfit ?? await FirstBad([RestsOn.FileOf(version)]);
        var hash = version.Artifact.SeedsHash;
        var load =
            hash.Length > 0 && _regions.TryGet<SeedLoadRegion>(out var loads)
                ? await loads.AskFor<SeedLoadReply>(new GetSeedLoad { SeedsHash = hash }, LoadDeadline)
                : null;
        return VersionReadiness.Of(asked, version, bad, (load as Answer<SeedLoadReply>.Given)?.Reply);
    }

    private void Publish() => _topics.Tell(new Publish(Topics.Registry, State.ToReply()), Self);

    /// <param name="Bad">Why a file must not be used.</param>
    /// <param name="Cause">Why it is not known whether it may.</param>
    private sealed record Checked(ICommand Command, IActorRef ReplyTo, Rejection? Bad, Exception? Cause)
        : INoSerializationVerificationNeeded
    {
        public string What => Command.Descriptor.Name;
    }
}
