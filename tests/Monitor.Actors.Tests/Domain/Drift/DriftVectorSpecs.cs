using System.Text.Json;
using System.Text.RegularExpressions;
using RalmActors.Monitoring.Domain.Drift;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Drift;

/// <summary>Detection indices that other implementations published for their own streams.</summary>
[Trait("Category", SharedData.Category)]
public partial class DriftVectorSpecs(ITestOutputHelper output)
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
    private static bool IsMet(JsonElement one, string detector)
    {
        if (
            one.TryGetProperty("kind", out var kind) && kind.GetString() != "drift_indices"
            || Detector(detector, one.GetProperty("params")) is not { } detect
        )
        {
            return false;
        }

        var stream = SharedData.PathOf("drift", "vectors", one.GetProperty("stream").GetString() + ".json");
        var values = JsonSerializer.Deserialize<double[]>(File.ReadAllText(stream))!;
        var found = values.Index().Where(v => detect(v.Item)).Select(v => v.Index).ToArray();
        Assert.True(
            Accepted(one).Any(set => set.SequenceEqual(found) || (detector == "ADWIN" && AreTheSameDrifts(found, set))),
            $"found {string.Join(", ", found)}"
        );
        return true;
    }

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

    private static Func<double, bool>? Detector(string name, JsonElement parameters)
    {
        double Of(double otherwise, params ReadOnlySpan<string> keys)
        {
            foreach (var key in keys)
            {
                if (parameters.TryGetProperty(key, out var v))
                {
                    return v.GetDouble();
                }
            }

            return otherwise;
        }

        bool Knows(params string[] keys) => parameters.EnumerateObject().All(p => keys.Contains(p.Name));

        switch (name)
        {
            case "PageHinkley" when Knows("min_instances", "delta", "threshold", "alpha"):
                var page = new PageHinkley(
                    Of(0.005, "delta"),
                    Of(50, "threshold"),
                    Of(0.9999, "alpha"),
                    (int)Of(30, "min_instances")
                );
                return x => (page = page.Update(x)).Level == DriftLevel.Drift;
            case "DDM"
                when Knows("warm_start", "warning", "drift", "min_num_instances", "warning_level", "out_control_level"):
                var ddm = new Ddm(
                    (int)Of(30, "warm_start", "min_num_instances"),
                    Of(2, "warning", "warning_level"),
                    Of(3, "drift", "out_control_level")
                );
                return x => (ddm = ddm.Update(x != 0)).Level == DriftLevel.Drift;
            case "ADWIN" when Knows("delta", "clock", "max_buckets", "min_window_length", "grace_period"):
                // The source starts over after a drift; ours keeps the recent part of its window, as the paper does.
                var fresh = new Adwin(
                    Of(0.002, "delta"),
                    (int)Of(Clock, "clock"),
                    (int)Of(5, "max_buckets"),
                    (int)Of(5, "min_window_length"),
                    (int)Of(10, "grace_period")
                );
                var adwin = fresh;
                return x =>
                    (adwin = (adwin.Level == DriftLevel.Drift ? fresh : adwin).Update(x)).Level == DriftLevel.Drift;
            default:
                return null;
        }
    }

    [GeneratedRegex(@"accept(?:ed)?\b[^.;]*", RegexOptions.None, 1000)]
    private static partial Regex Accept();

    [GeneratedRegex(@"\b\d{2,}\b", RegexOptions.None, 1000)]
    private static partial Regex Index();
}
