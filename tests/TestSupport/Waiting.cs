namespace RalmActors.TestSupport;

/// <summary>How long a spec waits for what must happen. Only failures wait so long, so a busy machine makes none.</summary>
public static class Waiting
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
}
