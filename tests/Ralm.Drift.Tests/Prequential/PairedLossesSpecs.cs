using Ralm.Drift.Prequential;
using Xunit;

namespace Ralm.Drift.Tests.Prequential;

public class PairedLossesSpecs(ITestOutputHelper output)
{
    private const double Alpha = 0.05;

    /// <summary>Labels of a fair coin with a bias, and two predictors that say one probability each.</summary>
    private static PairedLosses Add(PairedLosses losses, Random random, double truth, double first, double second) =>
        losses.Add(random.NextDouble() < truth ? 1 : 0, first, second);

    /// <summary>First and second are equally good: a truth of one half, one as far above it as the other below.</summary>
    [Fact]
    public void Whoever_looks_at_every_row_is_wrong_no_oftener_than_alpha_says()
    {
        const int Runs = 300;
        var (wrong, missed) = (0, 0);
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var losses = new PairedLosses();
            var (isWrong, isMissed) = (false, false);
            for (var row = 0; row < 2_000; row++)
            {
                losses = Add(losses, random, 0.5, 0.3, 0.7);
                isWrong |= losses.SecondIsBetter(Alpha);
                isMissed |= row % 50 == 0 && losses.Interval(Alpha) is var (low, high) && (low > 0 || high < 0);
            }

            wrong += isWrong ? 1 : 0;
            missed += isMissed ? 1 : 0;
        }

        Assert.InRange(wrong, 0, (int)(Alpha * Runs));
        Assert.InRange(missed, 0, (int)(Alpha * Runs));
    }

    [Theory]
    [InlineData(0.9, 0.5, 0.8, 250)]
    [InlineData(0.9, 0.1, 0.8, 40)]
    public void A_better_predictor_wins_soon(double truth, double first, double second, int mostMeanRows)
    {
        const int Runs = 50;
        var rows = 0L;
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var losses = new PairedLosses();
            while (!losses.SecondIsBetter(Alpha))
            {
                losses = Add(losses, random, truth, first, second);
            }

            rows += losses.Rows;
        }

        output.WriteLine($"{second} against {first}, where {truth} is true: {(double)rows / Runs:F0} rows");
        Assert.InRange((double)rows / Runs, 1, mostMeanRows);
    }

    [Fact]
    public void The_interval_narrows_around_the_truth_and_its_sides_are_two_sides_of_one()
    {
        var random = new Random(7);
        var (losses, mirrored) = (new PairedLosses(), new PairedLosses());
        for (var row = 0; row < 50_000; row++)
        {
            var label = random.NextDouble() < 0.8 ? 1 : 0;
            (losses, mirrored) = (losses.Add(label, 0.6, 0.8), mirrored.Add(label, 0.8, 0.6));
        }

        var truth = (0.8 * Math.Log(0.8 / 0.6)) + (0.2 * Math.Log(0.2 / 0.4));
        var (low, high) = losses.Interval(Alpha);
        Assert.InRange(truth, low, high);
        Assert.InRange(high - low, 0, 0.02);
        Assert.True(losses.SecondIsBetter(Alpha) && mirrored.FirstIsBetter(Alpha));
        Assert.Equal((-high, -low), mirrored.Interval(Alpha));
    }

    [Fact]
    public void What_is_no_probability_is_counted_and_changes_nothing_else()
    {
        var clean = new PairedLosses().Add(1, 0.4, 0.6);
        var dirty = clean.Add(double.NaN, 0.5, 0.5).Add(1, double.PositiveInfinity, 0.5).Add(1, 0.5, -0.1);

        Assert.Equal(3, dirty.Ignored);
        Assert.Equal(
            (clean.Rows, clean.MeanDifference, clean.Interval(Alpha)),
            (dirty.Rows, dirty.MeanDifference, dirty.Interval(Alpha))
        );
    }

    [Fact]
    public void One_absurd_row_does_not_decide()
    {
        var losses = new PairedLosses().Add(1, 1e-300, 0.5);

        Assert.InRange(losses.MeanDifference, 0, PairedLosses.DefaultCap);
        Assert.False(losses.SecondIsBetter(Alpha));
        Assert.Equal((-3, 3), new PairedLosses().Interval(Alpha));
    }

    [Fact]
    public void What_was_saved_goes_on_as_what_was_not()
    {
        var kept = new PairedLosses(2).Add(1, 0.3, 0.6).Add(0, 0.3, 0.6).Add(1, 0.2, double.NaN);
        var stored = PairedLosses.Load(kept.Save());

        Assert.Equal(kept.Add(1, 0.1, 0.9), stored.Add(1, 0.1, 0.9));
        Assert.Throws<InvalidDataException>(() => PairedLosses.Load(kept.Save().AsMemory(1)));
    }
}
