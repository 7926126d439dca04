using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Notifying;

/// <summary>
/// Tells people: the log and the event stream at once, webhook, mail and Redis until they have taken it. Whoever owes the notice hears
/// that it was told only then, and asks again until it does, so nothing is remembered here that matters.
/// </summary>
public sealed class NotifierActor : ReceiveActor
{
    private const int MaxWaiting = 10_000;

    private readonly ImmutableArray<INotifyChannel> _channels;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Told here, and not yet by the channel.</summary>
    private readonly Dictionary<string, (bool OnItsWay, int Failures)> _waiting = new(StringComparer.Ordinal);

    /// <summary>By channel.</summary>
    private readonly Dictionary<string, int> _onTheirWay = new(StringComparer.Ordinal);

    /// <param name="channels">Makes them; they end with it. None: alerts are in the log alone.</param>
    public NotifierActor(Func<IEnumerable<INotifyChannel>> channels)
    {
        _channels = [.. channels()];

        Receive<TellAlert>(Tell);
        Receive<Posted>(OnPosted);
    }

    private sealed record Posted(TellAlert Told, string Channel, IActorRef ReplyTo, string? Failure);

    protected override void PostStop()
    {
        foreach (var channel in _channels)
        {
            _ = channel.DisposeAsync().AsTask();
        }
    }

    private void Tell(TellAlert told)
    {
        var id = told.Header.CommandId;
        if (_waiting.Count >= MaxWaiting)
        {
            // Of notices that nobody owes any more.
            foreach (var (old, _) in _waiting.Where(w => !w.Value.OnItsWay).ToArray())
            {
                _waiting.Remove(old);
            }
        }

        var channel =
            told.Channel.Length == 0
                ? _channels.FirstOrDefault()
                : _channels.FirstOrDefault(c => c.Name == told.Channel);
        // Of several ways the first says it here.
        if (!_waiting.TryGetValue(id, out var known) && (channel is null || channel == _channels[0]))
        {
            TellHere(told);
        }

        if (channel is null)
        {
            // There is none, or none of that name any more.
            Acknowledge(told, Sender);
            return;
        }

        // Asked again before the channel has answered, or too many at once: it is asked again once more.
        var others = _onTheirWay.GetValueOrDefault(channel.Name);
        var goes = !known.OnItsWay && others < channel.InFlight;
        _waiting[id] = (known.OnItsWay || goes, known.Failures);
        if (goes)
        {
            _onTheirWay[channel.Name] = others + 1;
            var (replyTo, name) = (Sender, channel.Name);
            _ = channel
                .Tell(told)
                .PipeTo(
                    Self,
                    success: failure => new Posted(told, name, replyTo, failure),
                    failure: e => new Posted(told, name, replyTo, e.GetType().Name)
                );
        }
    }

    private void OnPosted(Posted posted)
    {
        var id = posted.Told.Header.CommandId;
        _onTheirWay[posted.Channel]--;
        if (posted.Failure is null)
        {
            _waiting.Remove(id);
            Acknowledge(posted.Told, posted.ReplyTo);
            return;
        }

        var failures = _waiting.GetValueOrDefault(id).Failures + 1;
        _waiting[id] = (OnItsWay: false, failures);
        if (int.IsPow2(failures))
        {
            _log.Warning("{0} {1}: {2} ({3} times); it is tried again", posted.Channel, posted.Failure, id, failures);
        }
    }

    private static void Acknowledge(TellAlert told, IActorRef to) =>
        to.Tell(new CommandReply { CommandId = told.Header.CommandId, Outcome = CommandOutcome.Accepted });

    private void TellHere(TellAlert told)
    {
        var alert = told.Notice.Alert;
        var summary = WebhookBody.Summary(told.SourceId, told.Notice);
        if (alert is { Status: AlertStatus.Firing, Severity: >= Severity.Warning })
        {
            _log.Warning("alert {0}: {1}", alert.Status, summary);
        }
        else
        {
            _log.Info("alert {0}: {1}", alert.Status, summary);
        }

        Context.System.EventStream.Publish(new AlertNotification(told.SourceId, alert));
    }
}
