namespace RalmActors.Messages.Entities;

/// <summary>Pauses between the attempts of an outbox: the first, doubled each time, up to the most.</summary>
public sealed record RetryPauses(TimeSpan First, TimeSpan Most)
{
    public static readonly RetryPauses Default = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>From a setting on, to the usual most; the setting itself if that is longer.</summary>
    public static RetryPauses From(TimeSpan first) => new(first, first > Default.Most ? first : Default.Most);
}
