using System.Collections.Immutable;

namespace RalmActors.Messages.Cluster;

/// <summary>What a node does. A node with no configuration does all of it.</summary>
public static class Roles
{
    public const string Edge = "edge";
    public const string Scorer = "scorer";
    public const string Trainer = "trainer";
    public const string Learner = "learner";
    public const string AbTest = "abtest";
    public const string Monitor = "monitor";

    public static readonly ImmutableArray<string> All = [Edge, Scorer, Trainer, Learner, AbTest, Monitor];
}
