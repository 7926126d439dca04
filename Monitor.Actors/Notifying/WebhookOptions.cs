using RalmActors.Messages.Entities;

namespace RalmActors.Monitoring.Notifying;

/// <summary>Where alerts are told outside of the cluster.</summary>
public sealed record WebhookOptions
{
    /// <summary>Takes an Alertmanager webhook; null: alerts are in the log alone.</summary>
    public Uri? Url { get; init; }

    /// <summary>Signs each body, so that the receiver knows who it is from; empty: not signed.</summary>
    public string Secret { get; init; } = "";

    /// <summary>For an answer: 100 ms to 60 s; default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Notices on their way at once, of all sources of this node: 1 to 1,000; default 16.</summary>
    public int InFlight { get; init; } = 16;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public WebhookOptions Checked() =>
        Url is { } url && !IsWebhook(url)
            ? throw Wrong(nameof(Url), "***", Rule)
            : this.Within(Timeout, 0.1, 60).Within(InFlight, 1, 1_000);

    public const string Rule = "must be http://host/path or https://host/path, without a user";

    public static bool IsWebhook(Uri url) => url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" };

    /// <summary>Settings are printed; a secret is not.</summary>
    public override string ToString() => Url is { } url ? $"webhook to {url.Host}" : "no webhook";

    private static ArgumentOutOfRangeException Wrong(string name, object value, string rule) => new(name, value, rule);
}
