using RalmActors.Monitoring.Notifying;

namespace RalmActors.ClusterHost.Settings;

/// <param name="Interval">Between two looks of a node at itself, in seconds: 1 to 3,600, default 30.</param>
/// <param name="Webhook">Where alerts are told outside of the cluster. Default: nowhere.</param>
/// <param name="KeepPoints">Every point of a series is kept for so long: 1 to 3,650 days, default 15.</param>
/// <param name="KeepFiveMinutes">Steps of 5 minutes: not shorter than points, up to 3,650 days, default 90.</param>
/// <param name="KeepHours">Steps of an hour: not shorter than those of 5 minutes, up to 7,300 days, default 730.</param>
public sealed record MonitorSettings(
    TimeSpan Interval,
    WebhookOptions Webhook,
    TimeSpan KeepPoints,
    TimeSpan KeepFiveMinutes,
    TimeSpan KeepHours
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
        var points = reader.Whole("Monitor:KeepPoints", 15, 1, 3_650);
        var fiveMinutes = reader.Whole("Monitor:KeepFiveMinutes", Math.Max(90, points), points, 3_650);
        var hours = reader.Whole("Monitor:KeepHours", Math.Max(730, fiveMinutes), fiveMinutes, 7_300);
        return new MonitorSettings(
            TimeSpan.FromSeconds(reader.Whole("Monitor:Interval", 30, 1, 3_600)),
            new WebhookOptions { Url = isUrl ? url : null, Secret = secret },
            TimeSpan.FromDays(points),
            TimeSpan.FromDays(fiveMinutes),
            TimeSpan.FromDays(hours)
        );
    }
}
