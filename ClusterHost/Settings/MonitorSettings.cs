using RalmActors.ClusterHost.Notifying;
using RalmActors.Monitoring.Notifying;

namespace RalmActors.ClusterHost.Settings;

/// <param name="Interval">Between two looks of a node at itself, in seconds: 1 to 3,600, default 30.</param>
/// <param name="Webhook">Where alerts are told outside of the cluster. Default: nowhere.</param>
/// <param name="Mail">By which server, from whom and to whom alerts are mailed. Default: they are not.</param>
/// <param name="Redis">Into which stream alerts go. Default: none.</param>
/// <param name="Repeat">What fires and nobody has acknowledged is told again after so many seconds, 0 (never) or 10 to 2,592,000. Default 14,400.</param>
public sealed record MonitorSettings(
    TimeSpan Interval,
    WebhookOptions Webhook,
    MailOptions Mail,
    RedisChannelOptions Redis,
    TimeSpan? Repeat
)
{
    internal static MonitorSettings Read(SettingsReader reader)
    {
        // A token is often a part of the address.
        var written = reader.Secret("Monitor:WebhookUrl");
        var isUrl = Uri.TryCreate(written, UriKind.Absolute, out var url) && WebhookOptions.IsWebhook(url);
        reader.Require(written.Length == 0 || isUrl, "Monitor:WebhookUrl", WebhookOptions.Rule, secret: true);
        var secret = reader.Secret("Monitor:WebhookSecret");
        reader.Require(
            secret.Length == 0 || written.Length > 0,
            "Monitor:WebhookSecret",
            "must have a RALM__MONITOR__WEBHOOK_URL that it signs for",
            secret: true
        );
        var repeat = reader.Whole("Monitor:Repeat", 14_400, 0, 2_592_000);
        reader.Require(repeat is 0 or >= 10, "Monitor:Repeat", "must be 0, for never, or 10 to 2592000 seconds");
        return new MonitorSettings(
            TimeSpan.FromSeconds(reader.Whole("Monitor:Interval", 30, 1, 3_600)),
            new WebhookOptions { Url = isUrl ? url : null, Secret = secret },
            Mailed(reader),
            new RedisChannelOptions
            {
                Connection = reader.Secret("Monitor:Redis"),
                Stream = reader.Text("Monitor:RedisStream", "ralm:alerts"),
            },
            repeat >= 10 ? TimeSpan.FromSeconds(repeat) : null
        );
    }

    private static MailOptions Mailed(SettingsReader reader)
    {
        // With a user, it has a password.
        var written = reader.Secret("Monitor:MailServer");
        var isServer = Uri.TryCreate(written, UriKind.Absolute, out var server) && MailOptions.IsServer(server);
        reader.Require(written.Length == 0 || isServer, "Monitor:MailServer", MailOptions.Rule, secret: true);
        var to = reader.List("Monitor:MailTo", IsAddress);
        var from = reader.Text("Monitor:MailFrom", "");
        reader.Require(
            written.Length == 0 || to.Count > 0,
            "Monitor:MailTo",
            "must be addresses, separated by commas, where there is a RALM__MONITOR__MAIL_SERVER"
        );
        reader.Require(
            written.Length == 0 || IsAddress(from) is null,
            "Monitor:MailFrom",
            "must be an address where there is a RALM__MONITOR__MAIL_SERVER"
        );
        return new MailOptions
        {
            Server = isServer ? server : null,
            From = from,
            To = [.. to],
        };
    }

    private static string? IsAddress(string text) =>
        MimeKit.MailboxAddress.TryParse(text, out var address) && address.Domain.Length > 0
            ? null
            : "must be a mail address";
}
