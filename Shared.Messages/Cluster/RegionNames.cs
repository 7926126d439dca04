namespace RalmActors.Messages.Cluster;

/// <summary>Region type names. They are part of persistence ids and shard allocation: never change one.</summary>
public static class RegionNames
{
    public const string User = "user";
    public const string PendingUsers = "pending-users";
    public const string TrainingRun = "training-run";
    public const string Study = "study";
    public const string Lineage = "lineage";
    public const string Retraining = "retraining";
    public const string Registry = "registry";
    public const string Evaluation = "evaluation";
    public const string SeedLoad = "seed-load";
    public const string AbTest = "ab-test";
    public const string AbCell = "ab-cell";
    public const string AbSimulation = "ab-simulation";
    public const string AbTraffic = "ab-traffic";
    public const string Collector = "collector";
}
