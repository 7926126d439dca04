using Ralm.Drift.Prequential;
using Ralm.Ranking.Metrics;
using Xunit;

namespace Ralm.Drift.Tests.Prequential;

public class PrequentialSpecs
{
    private static IEnumerable<ScoredRow> Rows(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var p = random.NextSingle();
            yield return new ScoredRow(random.NextSingle() < p ? 1 : 0, p, (p + 0.5f) / 2, 0.5f);
        }
    }

    private static PrequentialEvaluation After(PrequentialEvaluation start, IEnumerable<ScoredRow> rows) =>
        rows.Aggregate(start, (evaluation, row) => evaluation.Add(row));

    [Fact]
    public void The_figures_of_the_window_are_those_of_its_rows()
    {
        var rows = Rows(1, 700).ToArray();
        var evaluation = After(new PrequentialEvaluation(new PrequentialOptions(Window: 500)), rows);

        var figures = evaluation.Windowed(Predictor.Served);
        float[] labels = [.. rows[200..].Select(r => r.Label)];
        float[] said = [.. rows[200..].Select(r => r.Served)];
        Assert.Equal((700, 500, 500), (evaluation.Rows, evaluation.RowsInWindow, figures.Rows));
        Assert.Equal(RankingMetrics.Auc<float>(said, labels), figures.Auc, 12);
        Assert.Equal(RankingMetrics.LogLoss<float>(said, labels), figures.LogLoss, 12);
        Assert.Equal(RankingMetrics.CalibrationError<float>(said, labels), figures.CalibrationError, 12);
        Assert.Equal(labels.Average(y => (double)y), figures.MeanObserved, 12);
        Assert.Equal(0.5, evaluation.Windowed(Predictor.Frozen).Auc, 12);
    }

    [Fact]
    public void A_row_weighs_half_after_the_half_life()
    {
        var evaluation = new PrequentialEvaluation(new PrequentialOptions(HalfLife: 10)).Add(new(1, 0.5f, 0.5f, 0.5f));
        evaluation = After(evaluation, Enumerable.Repeat(new ScoredRow(0, 0.5f, 0.5f, 0.5f), 10));

        var figures = evaluation.Fading(Predictor.Served);
        var weight = Enumerable.Range(0, 11).Sum(k => Math.Pow(0.5, k / 10.0));
        Assert.Equal(weight, figures.Rows, 12);
        Assert.Equal(0.5 / weight, figures.MeanObserved, 12);
        Assert.Equal(Math.Log(2), figures.LogLoss, 12);
    }

    [Fact]
    public void Fading_figures_of_a_long_half_life_are_those_of_all_rows()
    {
        var evaluation = After(new PrequentialEvaluation(new PrequentialOptions(HalfLife: 1e6)), Rows(3, 2_000));
        var (fading, windowed) = (evaluation.Fading(Predictor.Latest), evaluation.Windowed(Predictor.Latest));

        Assert.Equal(windowed.LogLoss, fading.LogLoss, 1e-3);
        Assert.Equal(windowed.Accuracy, fading.Accuracy, 1e-3);
        Assert.Equal(windowed.CalibrationError, fading.CalibrationError, 1e-3);
        Assert.Equal(windowed.MeanPredicted, fading.MeanPredicted, 1e-3);
    }

    [Fact]
    public void A_row_that_is_none_is_counted_and_changes_nothing_else()
    {
        ScoredRow[] broken =
        [
            new(float.NaN, 0.5f, 0.5f, 0.5f),
            new(1, 1.5f, 0.5f, 0.5f),
            new(1, 0.5f, -1, 0.5f),
            new(1, 0.5f, 0.5f, float.PositiveInfinity),
        ];
        var clean = After(new PrequentialEvaluation(), Rows(4, 100));
        var dirty = After(clean, broken);

        Assert.Equal((100, 4), (dirty.Rows, dirty.Ignored));
        Assert.Equal(clean.Fading(Predictor.Served), dirty.Fading(Predictor.Served));
        Assert.Equal(clean.Windowed(Predictor.Served), dirty.Windowed(Predictor.Served));
    }

    [Fact]
    public void No_rows_have_no_figures()
    {
        Assert.True(double.IsNaN(new PrequentialEvaluation().Windowed(Predictor.Served).LogLoss));
        Assert.True(double.IsNaN(new PrequentialEvaluation().Fading(Predictor.Served).LogLoss));
    }

    [Fact]
    public void What_was_saved_goes_on_as_what_was_not()
    {
        var kept = After(new PrequentialEvaluation(new PrequentialOptions(Window: 300, HalfLife: 50)), Rows(5, 456));
        var stored = PrequentialEvaluation.Load(kept.Save());

        (kept, stored) = (After(kept, Rows(6, 123)), After(stored, Rows(6, 123)));
        Assert.Equal(kept.Save(), stored.Save());
        Assert.Equal(kept.Windowed(Predictor.Latest), stored.Windowed(Predictor.Latest));
        Assert.InRange(kept.Save().Length, 1, 16 * 300 + 600);
        Assert.Throws<InvalidDataException>(() => PrequentialEvaluation.Load(kept.Save().AsMemory(0, 1_000)));
    }
}
