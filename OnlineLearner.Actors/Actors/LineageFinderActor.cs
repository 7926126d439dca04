using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.OnlineLearner.Domain;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// Finds out for a node's users which lineages are open, by asking each itself: a "yes" holds until it is closed, a "no" is
/// asked again every time.
/// </summary>
public sealed class LineageFinderActor : ReceiveActor
{
    private const int MaxQuestions = 256;
    private const string Prefix = $"{RegionNames.Lineage}-";

    private readonly OpenedLineages _opened;
    private readonly TimeSpan _patience;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly Func<Task<IReadOnlyCollection<string>>> _journaled;
    private readonly LineageQuestions<(Find Find, IActorRef User)> _questions = new(MaxQuestions);
    private readonly List<Answered<(Find Find, IActorRef User)>> _wantList = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private string[] _everOpened = [];
    private bool _isListing;
    private bool _isListed;
    private bool _hasFailed;

    /// <param name="patience">Silence of a lineage after which nobody knows whether it is there.</param>
    /// <param name="topics">The publish/subscribe mediator.</param>
    /// <param name="journaled">Every entity that has ever journaled anything: read once, for whoever names a wrong one.</param>
    public LineageFinderActor(
        OpenedLineages opened,
        TimeSpan patience,
        IReadOnlyActorRegistry registry,
        IActorRef topics,
        Func<Task<IReadOnlyCollection<string>>> journaled
    )
    {
        (_opened, _patience, _registry, _journaled) = (opened, patience, registry, journaled);
        topics.Tell(new Subscribe(Topics.Lineages, Self));
        Receive<Find>(OnFind);
        Receive<Heard>(OnHeard);
        Receive<Listed>(OnListed);
        Receive<LineageReply>(OnTold);
        Receive<SubscribeAck>(_ => { });
    }

    private void OnFind(Find m)
    {
        var unknown = m.LineageIds.Where(id => !_opened.Contains(id)).ToArray();
        if (unknown.Length == 0)
        {
            Sender.Tell(new Found(m, LineageFacts.AllThere));
            return;
        }

        if (!_questions.TryAsk((m, Sender), unknown, out var toAsk))
        {
            Sender.Tell(new Found(m, null));
            return;
        }

        foreach (var lineageId in toAsk)
        {
            Ask(lineageId);
        }
    }

    private void Ask(string lineageId)
    {
        if (!_registry.TryGet<LineageRegion>(out var lineages))
        {
            Self.Tell(new Heard(lineageId, LineageAnswer.Silent));
            return;
        }

        _ = lineages
            .AskFor<LineageReply>(new GetLineage { LineageId = lineageId }, _patience)
            .PipeTo(
                Self,
                success: reply => new Heard(
                    lineageId,
                    reply switch
                    {
                        Answer<LineageReply>.Given { Reply.Open: true } => LineageAnswer.There,
                        Answer<LineageReply>.Given or Answer<LineageReply>.NotFound => LineageAnswer.Missing,
                        _ => LineageAnswer.Silent,
                    }
                )
            );
    }

    private void OnHeard(Heard m)
    {
        if (m.Answer == LineageAnswer.There)
        {
            _opened.Add(m.LineageId);
        }

        var settled = _questions.Answer(m.LineageId, m.Answer, out var askAgain);
        foreach (var answered in settled)
        {
            if (answered.Missing is { IsEmpty: false } && answered.Asker.Find.WantsList && !_isListed)
            {
                _wantList.Add(answered);
            }
            else
            {
                Tell(answered);
            }
        }

        if (askAgain)
        {
            Ask(m.LineageId);
        }

        List();
    }

    private void List()
    {
        if (_wantList.Count == 0 || _isListing)
        {
            return;
        }

        _isListing = true;
        _ = _journaled()
            .WaitAsync(_patience)
            .PipeTo(Self, success: ids => new Listed(ids, null), failure: e => new Listed([], e));
    }

    private void OnListed(Listed m)
    {
        if (m.Cause is { } cause && !_hasFailed)
        {
            // Told without the list now; read again for the next one.
            _log.Warning(cause, "which lineages there are could not be read");
            _hasFailed = true;
        }

        (_isListing, _isListed) = (false, m.Cause is null);
        _everOpened =
        [
            .. m
                .PersistenceIds.Where(id => id.StartsWith(Prefix, StringComparison.Ordinal))
                .Select(id => id[Prefix.Length..]),
        ];
        _wantList.ForEach(Tell);
        _wantList.Clear();
    }

    private void Tell(Answered<(Find Find, IActorRef User)> answered)
    {
        var (find, user) = answered.Asker;
        user.Tell(new Found(find, answered.Missing is { } missing ? new LineageFacts(missing, There(missing)) : null));
    }

    /// <summary>What the journal names may have been closed: it is not told of once it is known.</summary>
    private IReadOnlyCollection<string> There(ImmutableHashSet<string> missing) =>
        missing.IsEmpty
            ? []
            : _opened.Ids.Union(_everOpened.Where(id => !_opened.IsClosed(id) && !missing.Contains(id)));

    private void OnTold(LineageReply m)
    {
        if (!m.Open)
        {
            _opened.Close(m.LineageId);
        }
        else
        {
            _opened.Add(m.LineageId);
        }
    }

    /// <summary>Answered by <see cref="Found"/>.</summary>
    /// <param name="LineageIds">Each once.</param>
    /// <param name="WantsList">Whoever named them is told which there are, where one is missing.</param>
    public sealed record Find(
        RecordInteraction Interaction,
        IActorRef ReplyTo,
        IReadOnlyList<string> LineageIds,
        bool WantsList
    ) : INoSerializationVerificationNeeded;

    /// <param name="Facts">Null: it could not be found out now.</param>
    public sealed record Found(Find Asked, LineageFacts? Facts) : INoSerializationVerificationNeeded;

    private sealed record Heard(string LineageId, LineageAnswer Answer) : INoSerializationVerificationNeeded;

    private sealed record Listed(IReadOnlyCollection<string> PersistenceIds, Exception? Cause)
        : INoSerializationVerificationNeeded;
}

/// <summary>Key of a node's <see cref="LineageFinderActor"/>.</summary>
public sealed class LineageFinderKey;
