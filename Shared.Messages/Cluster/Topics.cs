namespace RalmActors.Messages.Cluster;

/// <summary>Topics of distributed publish/subscribe. Delivery is at most once: a subscriber also asks when it starts.</summary>
public static class Topics
{
    /// <summary><c>RegistryReply</c>: a family whenever one of its stages changes.</summary>
    public const string Registry = "registry";

    /// <summary><c>LineageReply</c>: an online-updated model whenever it has a new checkpoint to serve.</summary>
    public const string Lineages = "lineages";

    /// <summary><c>RunningExperiment</c>: an experiment whenever its assignment changes, and every few seconds.</summary>
    public const string RunningExperiments = "running-tests";

    /// <summary><c>AudienceChanged</c>: a user who has a new seed.</summary>
    public const string Audiences = "audiences";

    /// <summary><c>ShadowReport</c>: what a scorer has seen of a version in shadow, again and again.</summary>
    public const string Shadows = "shadows";
}
