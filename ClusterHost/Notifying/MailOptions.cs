using System.Collections.Immutable;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Notifying;

/// <summary>Alerts by mail.</summary>
public sealed record MailOptions
{
    /// <summary>smtp://host:25, smtp://host:587 or smtps://host:465, with user and password where the server asks for them; null: none.</summary>
    public Uri? Server { get; init; }

    public string From { get; init; } = "";

    public ImmutableArray<string> To { get; init; } = [];

    /// <summary>For the whole of it: 1 s to 5 min; default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public const string Rule =
        "must be smtp://host:port or smtps://host:port, with user:password@ before the host if need be";

    public static bool IsServer(Uri url) => url is { IsAbsoluteUri: true, Scheme: "smtp" or "smtps", Host.Length: > 0 };

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public MailOptions Checked() => this.Within(Timeout, 1, 300);

    /// <summary>Settings are printed; a password is not.</summary>
    public override string ToString() => Server is { } server ? $"mail by {server.Host}" : "no mail";
}
