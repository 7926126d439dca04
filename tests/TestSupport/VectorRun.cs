using Xunit;
using Xunit.Sdk;

namespace RalmActors.TestSupport;

/// <summary>
/// Other people's vectors, one after the other: those of functions that are not ours are counted and named, and fail
/// nothing; of those that are, each that is not met is told.
/// </summary>
public sealed class VectorRun
{
    private readonly SortedDictionary<string, int> _met = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _notCovered = new(StringComparer.Ordinal);
    private readonly List<string> _failed = [];

    /// <param name="covers">False: it is no function of ours. It throws where its answer is another one.</param>
    public void Check(string id, string function, Func<bool> covers)
    {
        try
        {
            Count(covers() ? _met : _notCovered, function);
        }
        catch (XunitException differs)
        {
            _failed.Add($"{id} {function}: {differs.Message}");
        }
        catch (Exception cannot) when (cannot is not OperationCanceledException)
        {
            _failed.Add($"{id} {function}: {cannot.GetType().Name} {cannot.Message}");
        }
    }

    public void NotCovered(string function, int vectors = 1) => Count(_notCovered, function, vectors);

    /// <summary>Says what ran and fails where something is not met, or nothing was there to be met.</summary>
    public void End(ITestOutputHelper? output)
    {
        output?.WriteLine($"{_met.Values.Sum()} vectors met: {Text(_met)}");
        output?.WriteLine($"{_notCovered.Values.Sum()} not covered: {Text(_notCovered)}");
        Assert.True(_failed.Count == 0, string.Join('\n', _failed));
        Assert.True(_met.Count > 0, "no vector was found");
    }

    private static void Count(SortedDictionary<string, int> counts, string function, int vectors = 1) =>
        counts[function] = counts.GetValueOrDefault(function) + vectors;

    private static string Text(SortedDictionary<string, int> counts) =>
        counts.Count == 0 ? "none" : string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"));
}
