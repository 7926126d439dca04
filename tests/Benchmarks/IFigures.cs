using System.Collections.ObjectModel;

namespace RalmActors.Benchmarks;

/// <summary>A row that is no rate: product and peer do the same once, to the end. It takes minutes, and runs by name only.</summary>
public interface IFigures
{
    string Id { get; }

    /// <summary>After it has run, the figures by the name they have in the JSON.</summary>
    IReadOnlyDictionary<string, double> Numbers => ReadOnlyDictionary<string, double>.Empty;

    /// <summary>What came out, in sentences; or why this machine cannot tell.</summary>
    Task<string> Run(CancellationToken ct);
}
