using Ralm.Drift.Detectors;
using Ralm.Drift.Tests.Support;
using RalmActors.TestSupport;
using Xunit;

namespace Ralm.Drift.Tests.Detectors;

/// <summary>How often there is an alarm without a change, and how late one with it; figures in docs/drift.md.</summary>
public class FalseAlarmSpecs
{
    [Theory]
    [InlineData("adwin", 0)]
    [InlineData("page-hinkley", 4)]
    [InlineData("hddm-a", 4)]
    [InlineData("ddm", 6)]
    [InlineData("hddm-w", 6)]
    [InlineData("cusum", 6)]
    [InlineData("ewma", 2)]
    public void A_quiet_stream_has_few_alarms(string settings, int mostInHalfAMillion)
    {
        var alarms = Enumerable
            .Range(0, 10)
            .Sum(seed =>
                Streams.Changes(DriftDetectors.Parse(settings), Streams.Errors(seed, 50_000, 0, 0.2, 0.2)).Count
            );

        Assert.InRange(alarms, 0, mostInHalfAMillion);
    }

    [Theory]
    [InlineData("adwin", 250)]
    [InlineData("page-hinkley", 350)]
    [InlineData("hddm-a", 250)]
    [InlineData("hddm-w", 350)]
    [InlineData("cusum", 250)]
    public void Twice_the_errors_are_found_soon_and_where_they_began(string settings, int mostMeanDelay)
    {
        const int Changes = 30;
        var (delay, off) = (0.0, 0.0);
        for (var seed = 0; seed < Changes; seed++)
        {
            var changes = Streams.Changes(DriftDetectors.Parse(settings), Streams.Errors(seed, 8_000, 4_000, 0.2, 0.4));
            var (index, change) = changes.First(c => c.Index >= 4_000);
            delay += (index - 3_999.0) / Changes;
            off += Math.Abs(index - 3_999 - change.Since) / (double)Changes;
        }

        Assert.InRange(delay, 1, mostMeanDelay);
        Assert.InRange(off, 0, 60);
    }

    /// <summary>Where the window still holds values from before, a second cut is not a second change.</summary>
    [Fact]
    public void Adwin_reports_a_change_once_whatever_its_size() =>
        Seeds.ForEach(seed =>
        {
            var after = 0.4 + (seed % 6 / 10.0);
            var changes = Streams.Changes(new Adwin(), Streams.Errors(seed, 4_000, 2_000, 0.1, after));
            Assert.Single(changes);
        });

    [Fact]
    public void Ddm_warns_before_it_alarms_and_not_at_the_first_error()
    {
        DriftDetector detector = new Ddm();
        for (var i = 0; i < 100; i++)
        {
            detector = detector.Update(0);
        }

        Assert.Equal(DriftLevel.None, detector.Update(1).Level);
        List<DriftLevel> levels = [];
        detector = new Ddm();
        for (var i = 0; i < 400; i++)
        {
            detector = detector.Update((i < 200 ? i % 5 == 0 : i % 2 == 0) ? 1 : 0);
            levels.Add(detector.Level);
        }

        Assert.InRange(levels.IndexOf(DriftLevel.Warning), 200, levels.IndexOf(DriftLevel.Drift) - 1);
    }

    [Fact]
    public void Kswin_draws_the_same_from_the_same_seed()
    {
        var values = Streams.Errors(1, 3_000, 1_500, 0.1, 0.8).ToArray();

        Assert.Equal(Streams.Changes(new Kswin(Seed: 5), values), Streams.Changes(new Kswin(Seed: 5), values));
    }

    [Fact]
    public void Adwin_keeps_the_recent_part_of_its_window_behind_an_improvement()
    {
        var adwin = (Adwin)Streams.After(new Adwin(), Streams.Errors(7, 4_000, 3_000, 0.7, 0.2));

        Assert.InRange(adwin.Width, 900, 1_100);
        Assert.InRange(adwin.Mean, 0.15, 0.25);
    }
}
