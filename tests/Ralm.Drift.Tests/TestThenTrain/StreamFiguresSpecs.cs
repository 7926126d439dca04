using Ralm.Drift.TestThenTrain;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Xunit;

namespace Ralm.Drift.Tests.TestThenTrain;

/// <summary>Figures of a whole stream are those of its rows, though no row is kept.</summary>
public sealed class StreamFiguresSpecs
{
    [Fact]
    public void Figures_are_those_of_all_rows()
    {
        var figures = new StreamFigures();
        var said = new double[20_000];
        var labels = new double[said.Length];
        for (var k = 0; k < said.Length; k++)
        {
            said[k] = Math.Clamp(RandomStream.Uniform(1, k), 0.001, 0.999);
            labels[k] = RandomStream.Uniform(2, k) < said[k] * said[k] ? 1 : 0;
            var loss = figures.Add(labels[k], said[k]);
            Assert.Equal(-Math.Log(labels[k] == 1 ? said[k] : 1 - said[k]), loss, 1e-9);
        }

        Assert.Equal(said.Length, figures.Rows);
        Assert.Equal(RankingMetrics.LogLoss<double>(said, labels), figures.LogLoss, 1e-9);
        Assert.Equal(RankingMetrics.Auc<double>(said, labels), figures.Auc, 1e-4);
        Assert.Equal(
            said.Zip(labels, (p, y) => p > 0.5 == y > 0.5).Count(isRight => isRight) / (double)said.Length,
            figures.Accuracy,
            1e-9
        );
    }

    [Fact]
    public void Ties_count_half()
    {
        var figures = new StreamFigures();
        figures.Add(1, 0.5);
        figures.Add(0, 0.5);
        figures.Add(1, 1);
        figures.Add(0, 0);

        Assert.Equal(3.5 / 4, figures.Auc);
        Assert.True(double.IsFinite(figures.LogLoss));
    }

    [Fact]
    public void Labels_of_one_kind_have_no_curve()
    {
        var figures = new StreamFigures();
        figures.Add(1, 0.4);

        Assert.Equal(double.NaN, figures.Auc);
    }
}
