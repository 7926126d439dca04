using System.Text.Json;
using System.Text.RegularExpressions;
using Ralm.Drift.Detectors;
using Ralm.Drift.Tests.Support;
using RalmActors.TestSupport;
using Xunit;

namespace Ralm.Drift.Tests.Detectors;

/// <summary>Detection indices that other implementations published for their own streams.</summary>
[Trait("Category", SharedData.Category)]
public partial class PublishedDriftSpecs(ITestOutputHelper output)
{
    /// <summary>Values between two checks of ADWIN.</summary>
    private const int Clock = 32;

    [Fact]
    public void The_detectors_find_the_published_indices()
    {
        var run = new VectorRun();
        foreach (var path in SharedData.Files("expected*.json", "drift", "vectors"))
        {
            foreach (var one in SharedData.JsonOf(path).EnumerateArray())
            {
                var detector = one.GetProperty("detector").GetString()!;
                run.Check(one.GetProperty("id").GetString()!, detector, () => IsMet(one, detector));
            }
        }

        run.End(output);
    }

    [Theory]
    [InlineData(new[] { 1023 }, new[] { 1023, 1055, 1087, 1151 }, true)]
    [InlineData(new[] { 1055, 2015 }, new[] { 1023, 1055, 1087, 2015 }, true)]
    [InlineData(new[] { 1023 }, new[] { 1023, 2015 }, false)]
    [InlineData(new[] { 1023, 1599 }, new[] { 1023, 1055 }, false)]
    [InlineData(new int[0], new[] { 1023, 1055 }, false)]
    public void A_drift_told_again_while_its_window_drains_is_one_drift(int[] found, int[] published, bool same) =>
        Assert.Equal(same, AreTheSameDrifts(found, published));

    /// <summary>False: a detector, a parameter or a kind of expectation that is not ours.</summary>
    private static bool IsMet(JsonElement one, string name)
    {
        var parameters = one.GetProperty("params");
        if (
            one.TryGetProperty("kind", out var kind) && kind.GetString() != "drift_indices"
            || PublishedDetectors.Make(name, parameters) is not { } made
        )
        {
            return false;
        }

        DriftDetector[] variants = made is Eddm eddm ? [eddm, eddm with { DividesByOneLess = true }] : [made];

        var stream = SharedData.PathOf("drift", "vectors", one.GetProperty("stream").GetString() + ".json");
        var values = JsonSerializer.Deserialize<double[]>(File.ReadAllText(stream))!;
        string[] found = [.. variants.Select(v => Missed(one, name, parameters, v, values)).OfType<string>()];
        Assert.True(found.Length < variants.Length, string.Join("; ", found));
        return true;
    }

    /// <summary>What was found instead of what is published; null if that was.</summary>
    private static string? Missed(
        JsonElement one,
        string name,
        JsonElement parameters,
        DriftDetector detector,
        double[] values
    )
    {
        var changes = new List<(int Index, DriftDirections Direction)>();
        foreach (var (index, value) in values.Index())
        {
            detector = detector.Update(value);
            if (detector.Level == DriftLevel.Drift)
            {
                changes.Add((index, detector.Change!.Direction));
                detector = PublishedDetectors.Restarted(detector, parameters);
            }
        }

        int[] found = [.. changes.Select(c => c.Index)];
        int[] rises = [.. changes.Where(c => c.Direction == DriftDirections.Up).Select(c => c.Index)];
        return Accepted(one).Any(set => set.SequenceEqual(found) || AreToldSo(name, found, rises, set))
            ? null
            : $"found {string.Join(", ", found)}";
    }

    /// <summary>
    /// How some releases tell what they found: ADWIN again while its window drains; HDDM of both sides starts over behind a fall
    /// and says nothing.
    /// </summary>
    private static bool AreToldSo(string name, int[] found, int[] rises, int[] published) =>
        (name == "ADWIN" && AreTheSameDrifts(found, published))
        || (name.StartsWith("HDDM", StringComparison.Ordinal) && published.SequenceEqual(rises));

    /// <summary>What is expected, and what the vector's note accepts besides: releases of one source disagree.</summary>
    private static IEnumerable<int[]> Accepted(JsonElement one)
    {
        foreach (var property in one.EnumerateObject())
        {
            if (
                property.Name == "expected"
                || property.Name.StartsWith("accept", StringComparison.Ordinal)
                || property.Name.StartsWith("alternative", StringComparison.Ordinal)
            )
            {
                foreach (var set in Sets(property.Value))
                {
                    yield return set;
                }
            }
        }

        var note = one.TryGetProperty("note", out var said) ? said.GetString() ?? "" : "";
        foreach (Match alternatives in Accept().Matches(note))
        {
            foreach (Match index in Index().Matches(alternatives.Value))
            {
                yield return [int.Parse(index.ValueSpan)];
            }
        }
    }

    private static IEnumerable<int[]> Sets(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        var sets = value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Array).ToArray();
        if (sets.Length == 0)
        {
            yield return value.Deserialize<int[]>()!;
        }

        foreach (var set in sets)
        {
            yield return set.Deserialize<int[]>()!;
        }
    }

    /// <summary>
    /// Some releases tell a drift again at following checks, until the window has let go of what was before. Each drift is
    /// found once, where it was told or told again, and none that was not.
    /// </summary>
    private static bool AreTheSameDrifts(int[] found, int[] published)
    {
        List<List<int>> drifts = [];
        foreach (var index in published)
        {
            if (drifts.Count == 0 || index - drifts[^1][^1] > 2 * Clock)
            {
                drifts.Add([]);
            }

            drifts[^1].Add(index);
        }

        return drifts.Count == found.Length && drifts.Zip(found).All(pair => pair.First.Contains(pair.Second));
    }

    [GeneratedRegex(@"accept(?:ed)?\b[^.;]*", RegexOptions.None, 1000)]
    private static partial Regex Accept();

    [GeneratedRegex(@"\b\d{2,}\b", RegexOptions.None, 1000)]
    private static partial Regex Index();
}
