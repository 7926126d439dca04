namespace RalmActors.ClusterHost.Demo;

/// <summary>Plays a matching service against one node, by messages only, through the whole loop.</summary>
public sealed class DemoRunner
{
    public const string Family = "city";
    public const string Metric = "match";
}
