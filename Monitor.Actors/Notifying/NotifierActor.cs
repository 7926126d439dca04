using Akka.Actor;
using Akka.Event;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Notifying;

/// <summary>
/// Tells people: the log and the event stream at once, the webhook until it has taken it. Whoever owes the notice hears that it
/// was told only then, and asks again until it does, so nothing is remembered here that matters.
/// </summary>
public sealed class NotifierActor : ReceiveActor
{
    private const int MaxWaiting = 10_000;

    private readonly WebhookOptions _options;
    private readonly WebhookSender? _webhook;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Told here, and not yet by the webhook.</summary>
    private readonly Dictionary<string, (bool OnItsWay, int Failures)> _waiting = new(StringComparer.Ordinal);

    private int _onTheirWay;

    public NotifierActor(WebhookOptions options)
    {
        _options = options;
        _webhook = options.Url is null ? null : new WebhookSender(options);

        Receive<TellAlert>(Tell);
        Receive<Posted>(OnPosted);
    }

    private sealed record Posted(TellAlert Told, IActorRef ReplyTo, string? Failure);

    protected override void PostStop() => _webhook?.Dispose();

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

        if (!_waiting.TryGetValue(id, out var known))
        {
            TellHere(told);
        }

        if (_webhook is null)
        {
            Acknowledge(told, Sender);
            return;
        }

        // Asked again before the webhook has answered, or too many at once: it is asked again once more.
        var goes = !known.OnItsWay && _onTheirWay < _options.InFlight;
        _waiting[id] = (known.OnItsWay || goes, known.Failures);
        if (goes)
        {
            _onTheirWay++;
            var replyTo = Sender;
            _ = _webhook
                .Post(told)
                .PipeTo(
                    Self,
                    success: failure => new Posted(told, replyTo, failure),
                    failure: e => new Posted(told, replyTo, e.Message)
                );
        }
    }

    private void OnPosted(Posted posted)
    {
        var id = posted.Told.Header.CommandId;
        _onTheirWay--;
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
            _log.Warning("webhook {0}: {1} ({2} times); it is tried again", posted.Failure, id, failures);
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
