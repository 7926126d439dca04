using RalmActors.Monitoring.Domain.Drift;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Drift;

public class DriftSpecs
{
    [Fact]
    public void Page_Hinkley_finds_a_jump_and_starts_over()
    {
        var detector = new PageHinkley();
        var found = new List<int>();
        for (var i = 0; i < 3000; i++)
        {
            detector = detector.Update(i < 1500 ? 0.2 : 0.6);
            if (detector.Level == DriftLevel.Drift)
            {
                found.Add(i);
            }
        }

        // The sum grows by about 0.4 per value, a little less as the mean follows: 50 after some 130 values.
        Assert.InRange(Assert.Single(found), 1600, 1700);
    }

    [Fact]
    public void Updating_a_detector_leaves_the_older_one_as_it_was()
    {
        var older = new Adwin().Update(1);
        _ = older.Update(5);

        Assert.Equal(1, older.Width);
        Assert.Equal(1, older.Mean);
    }

    [Fact]
    public void Adwin_keeps_the_recent_part_of_its_window_after_a_jump()
    {
        var random = new Random(7);
        var adwin = new Adwin();
        for (var i = 0; i < 4000; i++)
        {
            adwin = adwin.Update(random.NextDouble() < (i < 3000 ? 0.2 : 0.7) ? 1 : 0);
        }

        Assert.InRange(adwin.Width, 900, 1100);
        Assert.InRange(adwin.Mean, 0.65, 0.75);
    }

    [Fact]
    public void Adwin_stays_quiet_on_a_steady_stream()
    {
        var random = new Random(11);
        var adwin = new Adwin();
        var flags = 0;
        for (var i = 0; i < 10_000; i++)
        {
            adwin = adwin.Update(random.NextDouble() < 0.2 ? 1 : 0);
            flags += adwin.Level == DriftLevel.Drift ? 1 : 0;
        }

        Assert.Equal(0, flags);
        Assert.Equal(10_000, adwin.Width);
    }

    [Fact]
    public void Ddm_warns_before_it_alarms()
    {
        var levels = new List<DriftLevel>();
        var detector = new Ddm();
        for (var i = 0; i < 400; i++)
        {
            detector = detector.Update(i < 200 ? i % 5 == 0 : i % 2 == 0);
            levels.Add(detector.Level);
        }

        Assert.InRange(levels.IndexOf(DriftLevel.Warning), 200, levels.IndexOf(DriftLevel.Drift) - 1);
    }

    [Fact]
    public void The_stability_index_of_equal_shares_is_zero_and_of_swapped_tails_is_the_formula()
    {
        var reference = Enumerable.Range(0, 1000).Select(i => (double)i).ToArray();
        var index = new PopulationStability(reference);

        Assert.Equal(0, index.Index(reference), 12);
        // The first decile is emptied into the last; an empty bin counts as 1e-4.
        const double p = 0.1;
        const double empty = 1e-4;
        const double full = 0.2;
        var expected = ((empty - p) * Math.Log(empty / p)) + ((full - p) * Math.Log(full / p));
        Assert.Equal(expected, index.Index([.. reference.Select(v => v < 100 ? v + 900 : v)]), 12);
        Assert.Equal(DriftLevel.Drift, PopulationStability.LevelOf(expected));
    }

    [Fact]
    public void A_constant_reference_has_no_drift_against_itself_and_much_against_another_value()
    {
        var index = new PopulationStability([.. Enumerable.Repeat(3.0, 200)]);

        Assert.Equal(0, index.Index([3, 3, 3, 3]), 12);
        Assert.True(index.Index([.. Enumerable.Repeat(2.0, 200)]) > PopulationStability.DriftIndex);
    }

    [Fact]
    public void The_Kolmogorov_Smirnov_distance_is_the_largest_gap_with_ties_taken_together()
    {
        var test = KolmogorovSmirnov.Of([1, 2, 2, 3], [2, 3, 4, 5]);

        Assert.Equal(0.5, test.Distance, 12);
        Assert.Equal(DriftLevel.None, test.Level());
    }

    [Fact]
    public void A_significant_but_small_difference_does_not_alarm()
    {
        var a = Enumerable.Range(0, 100_000).Select(i => i / 100_000.0).ToArray();
        var test = KolmogorovSmirnov.Of(a, a.Select(v => v + 0.05));

        Assert.InRange(test.Distance, 0.0499, 0.0501);
        Assert.True(test.PValue < 1e-9);
        Assert.Equal(DriftLevel.None, test.Level());
        Assert.Equal(DriftLevel.Drift, KolmogorovSmirnov.Of(a, a.Select(v => v + 0.2)).Level());
    }

    // Kolmogorov's limit law at its familiar critical value: Q(1.3581) = 0.05.
    [Fact]
    public void The_p_value_meets_the_five_percent_point()
    {
        var n = 2_000_000;
        var root = Math.Sqrt(n / 2.0);
        var gap = (int)Math.Round(1.3581 / root * n);
        var test = KolmogorovSmirnov.Of(
            Enumerable.Range(0, n).Select(i => (double)i),
            Enumerable.Range(gap, n).Select(i => (double)i)
        );

        Assert.Equal(0.05, test.PValue, 3);
    }
}
