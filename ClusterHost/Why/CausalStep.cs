namespace RalmActors.ClusterHost.Why;

/// <summary>A thing that the journal tells of: its region, or <c>version</c>, and its id.</summary>
public readonly record struct Subject(string Kind, string Id)
{
    public const string Version = "version";

    public override string ToString() => $"{Kind}/{Id}";
}

/// <summary>What happened to one of them.</summary>
/// <param name="What">In words.</param>
public sealed record CausalStep(DateTimeOffset At, Subject Of, string What);
