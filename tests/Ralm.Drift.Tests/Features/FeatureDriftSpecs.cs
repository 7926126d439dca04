using Ralm.Drift.Features;
using Xunit;

namespace Ralm.Drift.Tests.Features;

public class FeatureDriftSpecs
{
    private static readonly string[] Towns = ["Vienna", "Graz", "Linz"];

    private static FeatureDrift Trained(FeatureDriftOptions? options = null, int columns = 1)
    {
        var random = new Random(1);
        return new FeatureDrift(
            [
                .. Enumerable
                    .Range(0, columns)
                    .SelectMany(k =>
                        (ColumnProfile[])
                            [
                                ColumnProfile.OfNumbers(
                                    $"age{k}",
                                    Enumerable.Range(0, 10_000).Select(_ => Age(random, 0.05, 0))
                                ),
                                ColumnProfile.OfTexts(
                                    $"town{k}",
                                    Enumerable.Range(0, 10_000).Select(_ => Town(random, 0.05, 0))
                                ),
                            ]
                    ),
            ],
            options
        );
    }

    private static double Age(Random random, double missing, double older) =>
        random.NextDouble() < missing ? double.NaN : 20 + older + Math.Floor(random.NextDouble() * 40);

    private static string? Town(Random random, double missing, double unknown) =>
        random.NextDouble() < missing ? null
        : random.NextDouble() < unknown ? $"village {random.Next(1_000)}"
        : Towns[(int)(random.NextDouble() * random.NextDouble() * 3)];

    private static FeatureDrift Seen(
        FeatureDrift drift,
        int rows,
        int seed = 2,
        double missing = 0.05,
        double older = 0,
        double unknown = 0
    )
    {
        var random = new Random(seed);
        for (var row = 0; row < rows; row++)
        {
            var values = new ColumnValue[drift.Columns.Length];
            for (var k = 0; k < values.Length; k += 2)
            {
                values[k] = ColumnValue.Of(Age(random, missing, older));
                values[k + 1] = ColumnValue.Of(Town(random, missing, unknown));
            }

            drift = drift.See(values);
        }

        return drift;
    }

    [Fact]
    public void Rows_like_those_of_the_training_say_nothing()
    {
        Assert.All(
            Seen(Trained(), 5_000).Report(),
            column =>
            {
                Assert.Equal(DriftLevel.None, column.Level);
                Assert.InRange(column.MissingShare, 0.03, 0.07);
                Assert.InRange(column.Rows, 1_800, 2_000);
            }
        );
    }

    [Fact]
    public void A_column_that_moved_is_told_and_the_other_one_is_not()
    {
        var report = Seen(Trained(), 1_000, older: 15).Report();

        Assert.Equal(("age0", DriftLevel.Drift), (report[0].Name, report[0].Level));
        Assert.Equal(DriftLevel.None, report[1].Level);
    }

    [Fact]
    public void Values_nobody_knows_and_values_that_are_missing_are_drift()
    {
        var unknown = Seen(Trained(), 1_000, unknown: 0.4).Report()[1];
        Assert.InRange(unknown.UnknownShare, 0.3, 0.45);
        Assert.Equal((0, DriftLevel.Drift), (unknown.TrainingUnknownShare, unknown.Level));

        var missing = Seen(Trained(), 1_000, missing: 0.5).Report();
        Assert.All(missing, column => Assert.Equal(DriftLevel.Drift, column.Level));
        Assert.All(missing, column => Assert.InRange(column.MissingShare, 0.45, 0.55));
    }

    [Fact]
    public void Nothing_is_said_below_the_least_sample()
    {
        Assert.All(Seen(Trained(), 99, older: 30).Report(), column => Assert.Equal(DriftLevel.None, column.Level));
        Assert.Equal(DriftLevel.Drift, Seen(Trained(), 100, older: 30).Report()[0].Level);
    }

    [Fact]
    public void Forty_columns_without_drift_alarm_as_seldom_as_one()
    {
        var trained = Trained(new FeatureDriftOptions(Window: 500, Alpha: 0.05), columns: 20);
        var looks = Enumerable
            .Range(0, 60)
            .Count(seed => Seen(trained, 200, seed).Report().Any(c => c.Level > DriftLevel.None));

        // One in twenty looks may; without the correction nearly nine in ten would.
        Assert.InRange(looks, 0, 9);
    }

    [Fact]
    public void What_lies_before_the_window_is_forgotten()
    {
        var drift = Seen(Trained(new FeatureDriftOptions(Window: 500)), 2_000, older: 30);

        Assert.Equal(DriftLevel.Drift, drift.Report()[0].Level);
        Assert.Equal(DriftLevel.None, Seen(drift, 500, seed: 3).Report()[0].Level);
    }

    [Fact]
    public void What_was_saved_goes_on_as_what_was_not_and_is_small()
    {
        var kept = Seen(Trained(), 1_234);
        var stored = FeatureDrift.Load(kept.Save());

        (kept, stored) = (Seen(kept, 777, seed: 5, older: 3), Seen(stored, 777, seed: 5, older: 3));
        Assert.Equal(kept.Save(), stored.Save());
        Assert.Equal(kept.Report(), stored.Report());
        Assert.InRange(kept.Save().Length, 1, 1_000);
        var bytes = kept.Save();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => FeatureDrift.Load(bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void A_constant_column_has_no_drift_against_itself_and_much_against_another_value()
    {
        var constant = new FeatureDrift([ColumnProfile.OfNumbers("x", Enumerable.Repeat(3.0, 500))]);

        DriftLevel After(double value) =>
            Enumerable
                .Range(0, 200)
                .Aggregate(constant, (drift, _) => drift.See([ColumnValue.Of(value)]))
                .Report()[0]
                .Level;
        Assert.Equal(DriftLevel.None, After(3));
        Assert.Equal(DriftLevel.Drift, After(2));
        Assert.Equal(DriftLevel.Drift, After(4));
        Assert.Equal(DriftLevel.Drift, After(double.NaN));
    }

    [Fact]
    public void An_option_out_of_range_is_named() =>
        Assert.StartsWith(
            "Window 99: must be 100 to 1,000,000",
            Assert
                .Throws<ArgumentOutOfRangeException>(() => new FeatureDrift([], new FeatureDriftOptions(Window: 99)))
                .Message,
            StringComparison.Ordinal
        );
}
