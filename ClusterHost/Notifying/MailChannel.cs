using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Utils;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Notifying;

namespace RalmActors.ClusterHost.Notifying;

/// <summary>
/// One mail a notice, in plain text. What is told of one alert is one thread: mails refer to the first of it, by an id that follows
/// from source and rule and when it began to fire.
/// </summary>
public sealed class MailChannel(MailOptions options) : INotifyChannel
{
    public string Name => "mail";

    /// <summary>Servers take a few connections of one sender.</summary>
    public int InFlight => 2;

    public async Task<string?> Tell(TellAlert told)
    {
        var server = options.Server!;
        try
        {
            using var message = MessageOf(told);
            using var patience = new CancellationTokenSource(options.Timeout);
            using var smtp = new SmtpClient();
            var security =
                server.Scheme == "smtps" ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable;
            var port =
                server.Port > 0 ? server.Port
                : server.Scheme == "smtps" ? 465
                : 25;
            await smtp.ConnectAsync(server.Host, port, security, patience.Token).ConfigureAwait(false);
            if (server.UserInfo.Split(':') is [{ Length: > 0 } user, var password])
            {
                await smtp.AuthenticateAsync(
                        Uri.UnescapeDataString(user),
                        Uri.UnescapeDataString(password),
                        patience.Token
                    )
                    .ConfigureAwait(false);
            }

            await smtp.SendAsync(message, patience.Token).ConfigureAwait(false);
            await smtp.DisconnectAsync(quit: true, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (SmtpCommandException e)
        {
            return $"was answered {(int)e.StatusCode}";
        }
        catch (OperationCanceledException)
        {
            return $"did not end within {options.Timeout.TotalSeconds} s";
        }
        catch (Exception e)
            when (e
                    is SocketException
                        or IOException
                        or ServiceNotConnectedException
                        or ProtocolException
                        or AuthenticationException
                        or SslHandshakeException
            )
        {
            return $"cannot be sent: {e.GetType().Name}";
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What is sent.</summary>
    public MimeMessage MessageOf(TellAlert told)
    {
        var (notice, alert) = (told.Notice, told.Notice.Alert);
        var began = (alert.FiredAt ?? alert.Since ?? notice.At).ToDateTimeOffset();
        var from = MailboxAddress.Parse(options.From);
        var first = string.Create(
                CultureInfo.InvariantCulture,
                $"{told.SourceId}.{alert.RuleId}.{began.ToUnixTimeMilliseconds()}@{from.Domain}"
            )
            .Replace(':', '.');
        var message = new MimeMessage
        {
            Subject = $"[{Word(notice)}] {told.SourceId}: {alert.RuleId}",
            Date = notice.At.ToDateTimeOffset(),
            MessageId = MimeUtils.GenerateMessageId(from.Domain),
            InReplyTo = first,
            Body = new TextPart("plain") { Text = TextOf(told) },
        };
        message.References.Add(first);
        message.From.Add(from);
        message.To.AddRange(options.To.Select(MailboxAddress.Parse));
        // The same for each repetition, so that a receiver can tell them.
        message.Headers.Add(WebhookBody.NoticeHeader, told.Header.CommandId);
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static string TextOf(TellAlert told)
    {
        var (notice, alert) = (told.Notice, told.Notice.Alert);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {WebhookBody.Summary(told.SourceId, notice)}

            source     {told.SourceId}
            rule       {alert.RuleId}
            metric     {notice.Metric}
            value      {alert.Value}
            threshold  {notice.Threshold}
            severity   {alert.Severity.ToString().ToLowerInvariant()}
            at         {notice.At.ToDateTimeOffset():u}
            notice     {notice.NoticeNr}

            """
        );
    }

    private static string Word(Notice notice) =>
        notice.IsTest ? "TEST"
        : notice.Alert.Status == AlertStatus.Resolved ? "RESOLVED"
        : notice.Repeats ? "STILL FIRING"
        : "FIRING";
}
