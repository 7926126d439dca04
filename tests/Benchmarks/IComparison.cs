using System.Collections.ObjectModel;

namespace RalmActors.Benchmarks;

/// <summary>
/// One row of the table: the product and its ceiling or peer, doing the same work on the same machine in the same run.
/// </summary>
public interface IComparison
{
    /// <summary>The row's name, such as E1.</summary>
    string Id { get; }

    /// <summary>What is counted on both sides, such as "messages".</summary>
    string Unit { get; }

    string Product { get; }

    string Peer { get; }

    /// <summary>The ratio product / peer that must be reached, and the one to dream of.</summary>
    double Must { get; }

    double Stretch { get; }

    /// <summary>What the ratio alone does not say, after the rounds; empty when it says all.</summary>
    string Note => "";

    /// <summary>Figures beside the ratios, by the name they have in the JSON.</summary>
    IReadOnlyDictionary<string, double> Figures => ReadOnlyDictionary<string, double>.Empty;

    /// <summary>Why this machine cannot measure the row, found out by <see cref="SetUp"/>; null when it can.</summary>
    string? Missing => null;

    /// <summary>CPU seconds so far of a peer that is a process of its own and still runs.</summary>
    double PeerCpuSeconds => 0;

    Task SetUp(CancellationToken ct);

    /// <summary>Does the work once and returns how many units it did.</summary>
    Task<long> RunProduct(CancellationToken ct);

    Task<long> RunPeer(CancellationToken ct);

    Task TearDown();
}
