namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>How a group-sequential test spends its error over its looks.</summary>
public enum Spending
{
    /// <summary>Alike at every look (Pocock 1977).</summary>
    Pocock,

    /// <summary>Little early, most at the end (O'Brien and Fleming 1979).</summary>
    OBrienFleming,
}
