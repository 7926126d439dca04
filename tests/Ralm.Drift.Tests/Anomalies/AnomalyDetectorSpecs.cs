using Ralm.Drift.Anomalies;
using Xunit;

namespace Ralm.Drift.Tests.Anomalies;

public sealed class AnomalyDetectorSpecs
{
    [Fact]
    public void A_burst_is_told_once_and_its_repeats_are_none()
    {
        var values = MadeSeries.Noise(1, 2_000);
        for (var row = 1_500; row < 1_510; row++)
        {
            values[row] += 30;
        }

        var after = MadeSeries.Told(values).Where(t => t.Row is >= 1_500 and < 1_600).ToList();

        Assert.Equal(1_500, Assert.Single(after).Row);
        var detector = values.Take(1_502).Index().Aggregate(new AnomalyDetector(), Next);
        Assert.True(detector.Point.IsRepeat);
        Assert.InRange(detector.Point.Score, 0.25, 0.5);
        Assert.False(detector.Point.IsAnomaly);
    }

    [Fact]
    public void A_morning_that_does_not_come_is_told_though_every_value_is_an_ordinary_one()
    {
        var values = MadeSeries.Days(2, 12 * MadeSeries.PerDay);
        var morning = 10 * MadeSeries.PerDay + 96;
        var nights = MadeSeries.Days(3, MadeSeries.PerDay);
        for (var row = 0; row < 96; row++)
        {
            values[morning + row] = nights[row];
        }

        var told = MadeSeries.Told(values).Where(t => t.Row >= morning && t.Row < morning + 96).ToList();

        Assert.Equal(AnomalyCause.TimeOfDay, Assert.Single(told).Point.Cause);
        Assert.InRange(told[0].Row, morning, morning + 12);
        Assert.DoesNotContain(MadeSeries.Told(MadeSeries.Days(2, morning)), t => t.Row > 5 * MadeSeries.PerDay);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_shift_is_told_in_both_directions(int sign)
    {
        var values = MadeSeries.Noise(4, 3_000);
        for (var row = 2_000; row < values.Length; row++)
        {
            values[row] += 4 * sign;
        }

        var told = MadeSeries.Told(values);

        Assert.Contains(told, t => t.Row is >= 2_000 and < 2_030);
        // It has become the usual: what comes later is no anomaly for ever.
        Assert.InRange(told.Count(t => t.Row >= 2_000), 1, 8);
    }

    [Fact]
    public void A_value_that_was_always_the_same_says_nothing_until_it_is_another()
    {
        double[] values = [.. Enumerable.Repeat(7.5, 1_000), 7.6, .. Enumerable.Repeat(7.5, 50)];

        Assert.Equal(1_000, Assert.Single(MadeSeries.Told(values)).Row);
    }

    [Fact]
    public void Nothing_is_told_before_it_has_been_warmed_up()
    {
        var values = MadeSeries.Noise(5, AnomalyDetector.Warmup);
        values[100] = 1e6;

        Assert.Empty(MadeSeries.Told(values));
    }

    /// <summary>Four measures at a risk of .003, told once in a hundred points at most.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_noise_far_less_is_told_than_there_are_points_times_risk(int seed)
    {
        var told = MadeSeries.Told(MadeSeries.Noise(seed, 50_000));

        Assert.InRange(told.Count, 0, 150);
    }

    [Fact]
    public void The_unit_of_a_series_makes_no_difference()
    {
        var values = MadeSeries.Days(6, 3_000);
        values[2_500] = 500;
        var rows = MadeSeries.Told(values).Select(t => t.Row).ToList();

        Assert.Contains(2_500, rows);
        Assert.Equal(rows, MadeSeries.Told(values.Select(v => v * 1024)).Select(t => t.Row));
        Assert.Equal(rows, MadeSeries.Told(values.Select(v => -v)).Select(t => t.Row));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e101)]
    public void What_is_no_number_to_go_by_changes_nothing(double value)
    {
        var before = After(MadeSeries.Noise(7, 500));

        var after = before.Update(MadeSeries.TimeOf(500), value);

        Assert.Equal((1, default), (after.Ignored, after.Point));
        Assert.Equal(before.Update(MadeSeries.TimeOf(501), 50).Point, after.Update(MadeSeries.TimeOf(501), 50).Point);
    }

    [Fact]
    public void A_point_that_comes_twice_is_taken_once()
    {
        var detector = After(MadeSeries.Noise(8, 500));

        var again = detector.Update(MadeSeries.TimeOf(499), 1e6);

        Assert.Equal((500, 1, false), (again.Count, again.Ignored, again.Point.IsAnomaly));
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_silence_a_series()
    {
        var detector = After(MadeSeries.Noise(9, 500)).Update(MadeSeries.TimeOf(1_000_000), 50);

        detector = detector.Update(MadeSeries.TimeOf(501), 5_000);

        Assert.Equal(502, detector.Count);
        Assert.NotEqual(AnomalyCause.None, detector.Point.Cause);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(149)]
    [InlineData(150)]
    [InlineData(2_505)]
    public void What_is_saved_goes_on_bit_for_bit(int rows)
    {
        var values = MadeSeries.Days(10, 4_000);
        values[2_500] = 500;
        var detector = values.Take(rows).Index().Aggregate(new AnomalyDetector { Risk = 0.004, Quiet = 50 }, Next);

        var bytes = detector.Save();
        var loaded = AnomalyDetector.Load(bytes);

        Assert.Equal(bytes, loaded.Save());
        Assert.InRange(bytes.Length, 1, 4_500);
        foreach (var point in values.Index().Skip(rows))
        {
            (detector, loaded) = (Next(detector, point), Next(loaded, point));
            Assert.Equal(detector.Point, loaded.Point);
        }

        Assert.Equal(detector.Save(), loaded.Save());
    }

    [Fact]
    public void Bytes_of_something_else_are_refused()
    {
        var bytes = After(MadeSeries.Noise(11, 300)).Save();

        Assert.Throws<InvalidDataException>(() => AnomalyDetector.Load(bytes.AsMemory(0, bytes.Length - 1)));
        Assert.Throws<InvalidDataException>(() => AnomalyDetector.Load((byte[])[.. bytes, 0]));
        Assert.Throws<InvalidDataException>(() => AnomalyDetector.Load((byte[])[9, .. bytes]));
        Assert.Throws<InvalidDataException>(() => AnomalyDetector.Load(Array.Empty<byte>()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    [InlineData(double.NaN)]
    public void A_risk_out_of_range_is_refused(double risk) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyDetector { Risk = risk });

    [Fact]
    public void Less_than_no_quiet_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyDetector { Quiet = -1 });

    [Fact]
    public void Scores_are_between_0_and_1_whatever_comes()
    {
        var random = new Random(12);
        var detector = new AnomalyDetector();
        for (var row = 0; row < 5_000; row++)
        {
            var value = Math.Pow(10, random.Next(-100, 101)) * (random.Next(3) - 1);
            detector = detector.Update(MadeSeries.TimeOf(random.Next(10_000)), value);
            Assert.InRange(detector.Point.Score, 0, 1);
        }
    }

    private static AnomalyDetector After(IEnumerable<double> values) =>
        values.Index().Aggregate(new AnomalyDetector(), Next);

    private static AnomalyDetector Next(AnomalyDetector detector, (int Index, double Item) point) =>
        detector.Update(MadeSeries.TimeOf(point.Index), point.Item);
}
