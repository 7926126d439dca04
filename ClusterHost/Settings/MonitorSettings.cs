using RalmActors.Monitoring.Notifying;

namespace RalmActors.ClusterHost.Settings;

/// <param name="Interval">Between two looks of a node at itself, in seconds: 1 to 3,600, default 30.</param>
/// <param name="Webhook">Where alerts are told outside of the cluster. Default: nowhere.</param>
public sealed record MonitorSettings(TimeSpan Interval, WebhookOptions Webhook)
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
        return new MonitorSettings(
            TimeSpan.FromSeconds(reader.Whole("Monitor:Interval", 30, 1, 3_600)),
            new WebhookOptions { Url = isUrl ? url : null, Secret = secret }
        );
    }
}
