using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Notifying;

/// <summary>
/// What a webhook is sent: version 4 of Alertmanager's, whose receivers are everywhere, see
/// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. One notice, one group of one alert.
/// </summary>
public static class WebhookBody
{
    /// <summary>HMAC-SHA256 of the body under the secret: <c>sha256=</c> and 64 hexadecimal digits.</summary>
    public const string SignatureHeader = "X-Ralm-Signature";

    /// <summary>The same for each repetition of a notice.</summary>
    public const string NoticeHeader = "X-Ralm-Notice";

    private static readonly DateTimeOffset NotYet = DateTimeOffset.MinValue;

    public static byte[] Of(TellAlert told)
    {
        var (source, notice, alert) = (told.SourceId, told.Notice, told.Notice.Alert);
        var resolved = alert.Status == AlertStatus.Resolved;
        var status = resolved ? "resolved" : "firing";
        var group = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["alertname"] = alert.RuleId,
            ["source"] = source,
        };
        var labels = new SortedDictionary<string, string>(group, StringComparer.Ordinal)
        {
            ["metric"] = notice.Metric,
            ["severity"] = alert.Severity.ToString().ToLowerInvariant(),
        };
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["notice"] = notice.NoticeNr.ToString(CultureInfo.InvariantCulture),
            ["summary"] = Summary(source, notice),
            ["threshold"] = Text(notice.Threshold),
            ["value"] = Text(alert.Value),
        };
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                version = "4",
                groupKey = $"{{}}:{{alertname=\"{alert.RuleId}\", source=\"{source}\"}}",
                truncatedAlerts = 0,
                status,
                receiver = "ralm",
                groupLabels = group,
                commonLabels = labels,
                commonAnnotations = annotations,
                externalURL = "",
                alerts = new[]
                {
                    new
                    {
                        status,
                        labels,
                        annotations,
                        startsAt = Time((alert.FiredAt ?? alert.Since ?? notice.At).ToDateTimeOffset()),
                        endsAt = Time(resolved ? notice.At.ToDateTimeOffset() : NotYet),
                        generatorURL = "",
                        fingerprint = Fingerprint(source, alert.RuleId),
                    },
                },
            }
        );
    }

    public static string Signature(ReadOnlySpan<byte> body, string secret) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    public static string Summary(string source, Notice notice) =>
        notice.Alert switch
        {
            _ when notice.IsTest => $"{source}: a test; nothing is the matter",
            { Status: AlertStatus.Resolved } =>
                $"{source}: {notice.Alert.RuleId} is over, {notice.Metric} {Value(notice)}",
            { NoData: true } => $"{source}: {notice.Alert.RuleId}, {notice.Metric} is silent",
            _ => $"{source}: {notice.Alert.RuleId}, {notice.Metric} {Value(notice)}",
        };

    private static string Value(Notice notice) =>
        double.IsNaN(notice.Alert.Value) ? "had no number" : $"is {Text(notice.Alert.Value)}";

    private static string Text(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private static string Fingerprint(string source, string rule) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source}\n{rule}")).AsSpan(0, 8));
}
