using Ralm.Drift.Detectors;
using Ralm.Drift.Tests.Support;
using Xunit;

namespace Ralm.Drift.Tests.Detectors;

/// <summary>What every detector promises, whichever it is.</summary>
public class DetectorSpecs
{
    public static TheoryData<string> Kinds => [.. DriftDetectors.Kinds.Select(k => k.Name)];

    public static TheoryData<string> TwoSided =>
        [.. DriftDetectors.Kinds.Where(k => k.Directions == DriftDirections.Both).Select(k => k.Name)];

    private static DriftDetector Made(string kind, DriftDirections watch = DriftDirections.Up) =>
        DriftDetectors.Make(kind, watch: watch);

    /// <summary>Errors in two of ten values, then in nine.</summary>
    private static IEnumerable<double> Jump(string kind, int seed = 1) => Steps(kind, seed, (3_000, 0.2), (3_000, 0.9));

    private static IEnumerable<double> Fall(string kind, int seed = 1) => Steps(kind, seed, (3_000, 0.9), (3_000, 0.2));

    /// <summary>Errors at those rates; a chart of single values has nothing to say of 0 and 1, and gets values near the rate.</summary>
    private static IEnumerable<double> Steps(string kind, int seed, params (int Values, double Rate)[] steps)
    {
        var random = new Random(seed);
        foreach (var (values, rate) in steps)
        {
            for (var i = 0; i < values; i++)
            {
                var drawn = random.NextDouble();
                yield return kind == "shewhart" ? rate + drawn / 10
                : drawn < rate ? 1
                : 0;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_jump_is_one_report(string kind)
    {
        var changes = Streams.Changes(Made(kind), Jump(kind));

        var (index, change) = Assert.Single(changes);
        Assert.InRange(index, 3_000, 3_600);
        Assert.Equal(DriftDirections.Up, change.Direction);
        Assert.InRange(change.Since, 1, index - 3_000 + 40);
    }

    [Theory]
    [MemberData(nameof(TwoSided))]
    public void A_fall_is_reported_to_who_watches_for_falls_alone(string kind)
    {
        Assert.DoesNotContain(Streams.Changes(Made(kind), Fall(kind)), c => c.Index is >= 3_000 and < 3_500);
        var down = Streams.Changes(Made(kind, DriftDirections.Down), Fall(kind)).Where(c => c.Index >= 3_000).ToArray();

        Assert.Equal(DriftDirections.Down, down[0].Change.Direction);
        Assert.InRange(down[0].Index, 3_000, 3_500);
    }

    /// <summary>Better, then as bad as before: the way back is a change for the worse.</summary>
    [Theory]
    [MemberData(nameof(TwoSided))]
    public void An_improvement_is_followed_in_silence(string kind)
    {
        var values = Steps(kind, 3, (2_500, 0.9), (2_500, 0.2), (1_000, 0.9));
        var changes = Streams.Changes(Made(kind), values);

        Assert.Contains(changes, c => c.Index is >= 5_000 and < 5_500 && c.Change.Direction == DriftDirections.Up);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_no_number_is_counted_and_changes_nothing_else(string kind)
    {
        double[] broken = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -1e300];
        var (clean, dirty) = (Made(kind), Made(kind));
        var ignored = 0;
        foreach (var (index, value) in Jump(kind).Index())
        {
            if (index % 7 == 3)
            {
                dirty = dirty.Update(broken[index % broken.Length]);
                ignored++;
            }

            (clean, dirty) = (clean.Update(value), dirty.Update(value));
            Assert.Equal((clean.Level, clean.Change, clean.Count), (dirty.Level, dirty.Change, dirty.Count));
        }

        Assert.Equal(ignored, dirty.Ignored);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_report_is_not_repeated_by_what_is_no_number(string kind)
    {
        var detector = Made(kind);
        foreach (var value in Jump(kind).TakeWhile(_ => detector.Level != DriftLevel.Drift))
        {
            detector = detector.Update(value);
        }

        Assert.Equal(DriftLevel.Drift, detector.Level);
        Assert.Equal(DriftLevel.None, detector.Update(double.NaN).Level);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_detector_that_was_saved_goes_on_as_one_that_was_not(string kind)
    {
        foreach (var watch in (DriftDirections[])[DriftDirections.Up, DriftDirections.Both])
        {
            if (!DriftDetectors.Kinds.Single(k => k.Name == kind).Directions.HasFlag(watch))
            {
                continue;
            }

            DriftDetector kept = Made(kind, watch);
            var stored = kept;
            foreach (var (index, value) in Jump(kind, 2).Concat(Fall(kind, 5)).Index())
            {
                (kept, stored) = (kept.Update(value), stored.Update(value));
                if (index % 97 == 0 || stored.Level == DriftLevel.Drift)
                {
                    stored = DriftDetectors.Load(DriftDetectors.Save(stored));
                }

                Assert.Equal((kept.Level, kept.Change, kept.Count), (stored.Level, stored.Change, stored.Count));
            }

            Assert.Equal(DriftDetectors.Save(kept), DriftDetectors.Save(stored));
            Assert.Equal(DriftDetectors.Describe(kept), DriftDetectors.Describe(stored));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_bytes_are_bounded(string kind)
    {
        var random = new Random(1);
        var after = Streams.After(Made(kind), Enumerable.Range(0, 20_000).Select(_ => random.NextDouble()));

        Assert.InRange(DriftDetectors.Save(after).Length, 1, 6_000);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bytes_that_are_cut_off_or_too_long_are_refused(string kind)
    {
        var bytes = DriftDetectors.Save(Streams.After(Made(kind), Jump(kind).Take(500)));

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => DriftDetectors.Load(bytes.AsMemory(0, length)));
        }

        Assert.Throws<InvalidDataException>(() => DriftDetectors.Load((byte[])[.. bytes, 0]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Updating_a_detector_leaves_the_older_one_as_it_was(string kind)
    {
        var older = Streams.After(Made(kind), Jump(kind).Take(700));
        var before = DriftDetectors.Save(older);
        _ = Streams.After(older, Jump(kind));

        Assert.Equal(before, DriftDetectors.Save(older));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_said_below_the_least_sample(string kind)
    {
        var parameters = new Dictionary<string, double> { ["least_sample"] = 2_000 };
        var detector = DriftDetectors.Make(kind, parameters);

        Assert.All(
            Steps(kind, 1, (1_000, 0.2), (999, 0.9)),
            value => Assert.Equal(DriftLevel.None, (detector = detector.Update(value)).Level)
        );
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_constant_stream_has_no_change(string kind) =>
        Assert.Empty(Streams.Changes(Made(kind), Enumerable.Repeat(0.1, 5_000)));
}
