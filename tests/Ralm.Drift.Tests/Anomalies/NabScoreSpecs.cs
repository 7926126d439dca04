using Ralm.Drift.Anomalies.Benchmark;
using Xunit;

namespace Ralm.Drift.Tests.Anomalies;

/// <summary>By hand, of vectors made here; the published scores are reproduced where the data are.</summary>
public sealed class NabScoreSpecs
{
    private const int Rows = 1_000;
    private static readonly NabWindow[] Windows = [new(400, 499), new(700, 799)];

    [Fact]
    public void Who_never_alarms_has_0_and_who_finds_each_window_at_once_has_100()
    {
        Assert.Equal(0, Of().Normalised(NabProfile.Standard));
        Assert.Equal(100, Of(400, 700).Normalised(NabProfile.Standard), 12);
        Assert.Equal(50, Of(400).Normalised(NabProfile.Standard), 12);
    }

    [Fact]
    public void Only_the_first_alarm_in_a_window_counts()
    {
        Assert.Equal(Of(450), Of(450, 451, 499));
        Assert.Equal((1, 0), (Of(450, 451, 499).Found, Of(450, 451, 499).FalseAlarms));
    }

    /// <summary>(2 / (1 + exp(5 y)) - 1), y = -1 at the first row and -1/100 at the last, in units of the first.</summary>
    [Theory]
    [InlineData(400, 1)]
    [InlineData(450, 0.859793)]
    [InlineData(499, 0.025334)]
    public void An_early_alarm_earns_more(int row, double earned) => Assert.Equal(earned - 1, Of(row).Raw, 6);

    [Theory]
    [InlineData(200, -0.11)]
    [InlineData(399, -0.11)]
    [InlineData(500, -0.00277740)]
    [InlineData(598, -0.10852794)]
    [InlineData(699, -0.11 * 0.9999176)]
    public void A_false_alarm_costs_less_just_behind_a_window(int row, double cost) =>
        Assert.Equal(cost - 2, Of(row).Raw, 5);

    [Fact]
    public void In_probation_an_alarm_is_neither_right_nor_wrong()
    {
        Assert.Equal(Of(), Of(0, 149));
        Assert.Equal((150, 750), (NabScore.Probation(Rows), NabScore.Probation(50_000)));
    }

    [Fact]
    public void Profiles_weigh_false_alarms_and_misses()
    {
        Assert.Equal(-2.22, Of(NabProfile.RewardLowFalsePositives, 200).Raw, 12);
        Assert.Equal(-4.11, Of(NabProfile.RewardLowFalseNegatives, 200).Raw, 12);
        Assert.Equal(
            100 * (4 - 0.11) / 6,
            Of(NabProfile.RewardLowFalseNegatives, 200).Normalised(NabProfile.RewardLowFalseNegatives) + 100 * 4 / 6.0,
            9
        );
    }

    private static NabScore Of(params int[] alarms) => Of(NabProfile.Standard, alarms);

    private static NabScore Of(NabProfile profile, params int[] alarms) =>
        NabScore.Of([.. Enumerable.Range(0, Rows).Select(alarms.Contains)], Windows, profile);
}
