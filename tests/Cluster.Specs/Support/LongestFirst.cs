using Xunit.Sdk;
using Xunit.v3;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>The longest classes begin, so that at the end none of them runs alone. Which they are a report tells: <c>-xml</c>.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(SecondClusterSpecs),
        nameof(RunKillSpecs),
        nameof(DemoSpecs),
        nameof(ForeignCertificateSpecs),
        nameof(MembershipSpecs),
        nameof(ConnectionSpecs),
        nameof(DatabaseGoneSpecs),
        nameof(KillNineSpecs),
        nameof(DiskFullSpecs),
        nameof(StudyKillSpecs),
        nameof(ExperimentTotalsSpecs),
        nameof(WorkersOnNodesSpecs),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections
    )
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => Place(c.TestCollectionDisplayName))];

    private static int Place(string collection)
    {
        var place = Array.FindIndex(Longest, name => collection.Contains(name, StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
