namespace RalmActors.ClusterHost.Notifying;

/// <summary>Alerts into a Redis stream.</summary>
public sealed record RedisChannelOptions
{
    /// <summary>As StackExchange.Redis has it, <c>host:6379,password=...</c>; empty: none.</summary>
    public string Connection { get; init; } = "";

    /// <summary>Key of the stream. Default ralm:alerts.</summary>
    public string Stream { get; init; } = "ralm:alerts";

    /// <summary>Entries that are kept, about. Default 10,000.</summary>
    public int MaxLength { get; init; } = 10_000;

    /// <summary>Settings are printed; a password is not.</summary>
    public override string ToString() => Connection.Length > 0 ? $"Redis stream {Stream}" : "no Redis";
}
