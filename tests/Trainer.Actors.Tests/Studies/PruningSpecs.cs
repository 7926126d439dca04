using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class PruningSpecs
{
    [Fact]
    public void Rungs_are_powers_of_eta_below_the_last_epoch() =>
        Assert.Equal([1, 4, 16], AshaRule.Rungs(minEpochs: 1, eta: 4, maxEpochs: 64));

    [Theory]
    [InlineData(new double[] { }, 0.1, true)]
    [InlineData(new[] { 0.5 }, 0.4, false)]
    [InlineData(new[] { 0.5 }, 0.5, true)]
    [InlineData(new[] { 0.5, 0.6, 0.7 }, 0.65, false)]
    [InlineData(new[] { 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1 }, 1.05, true)]
    [InlineData(new[] { 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1 }, 0.95, false)]
    public void Asha_keeps_the_best_of_each_eta_that_have_come_to_the_rung(double[] earlier, double score, bool kept) =>
        Assert.Equal(kept, AshaRule.Keeps(score, earlier, eta: 4));

    /// <summary>200 runs of constant quality in random order: every rung is reached by about a quarter of the rung before.</summary>
    [Fact]
    public void Asha_lets_about_one_in_eta_pass_each_rung_and_the_best_always()
    {
        var definition = GivenStudy.Definition(pruning: PruningRule.Asha, trials: 200);
        definition.Config.MaxEpochs = 64;
        definition.Config.Patience = 64;
        var qualities = GivenStudy.Numbers(11, 200);

        var state = PlayEpochs(definition, t => qualities[t - 1]);

        int Reached(int epoch) => state.Trials.Count(t => t.Epoch >= epoch);
        Assert.Equal(200, Reached(1));
        Assert.InRange(Reached(4), 40, 65);
        Assert.InRange(Reached(16), 8, 22);
        Assert.InRange(state.Trials.Count(t => t.Outcome == TrialOutcome.TrialCompleted), 1, 8);
        Assert.Equal(qualities.Max(), state.Best!.Value);
        Assert.All(
            state.Trials.Where(t => t.Outcome == TrialOutcome.TrialPruned),
            t => Assert.Contains(t.Epoch, (int[])[1, 4, 16])
        );
    }

    [Fact]
    public void The_median_rule_ends_a_trial_whose_best_is_below_the_median_of_the_earlier_running_means()
    {
        var definition = GivenStudy.Definition(pruning: PruningRule.Median, trials: 6);
        definition.Pruning.MinEpochs = 2;
        var state = GivenStudy.Started(definition);
        double[][] earlier =
        [
            [0.1, 0.9],
            [0.4, 0.4],
            [0.2, 0.8],
        ];
        for (var trial = 1; trial <= 3; trial++)
        {
            state = state.Report(trial, GivenStudy.Run(earlier[trial - 1], RunStatus.Completed));
        }

        // Means up to epoch 2: 0.5, 0.4, 0.5. Median 0.5.
        var below = state.Report(4, GivenStudy.Run([0.3, 0.49]));
        var at = state.Report(4, GivenStudy.Run([0.5, 0.0]));

        Assert.Equal(
            (TrialOutcome.TrialPruned, 2, 0.49),
            (below.Trials[3].Outcome, below.Trials[3].Epoch, below.Trials[3].Value)
        );
        Assert.Equal(TrialOutcome.Unspecified, at.Trials[3].Outcome);
        Assert.Equal(TrialOutcome.Unspecified, state.Report(4, GivenStudy.Run([0.0])).Trials[3].Outcome);
    }

    [Fact]
    public void The_median_rule_waits_for_enough_earlier_trials()
    {
        Assert.True(MedianRule.Keeps(0.1, [0.5, 0.5], startupTrials: 3));
        Assert.False(MedianRule.Keeps(0.1, [0.5, 0.5, 0.5], startupTrials: 3));
        Assert.False(MedianRule.Keeps(double.NegativeInfinity, [0.5, 0.5, 0.5], startupTrials: 3));
    }

    [Fact]
    public void A_verdict_waits_for_lower_numbers_and_counts_as_of_its_epoch()
    {
        var definition = GivenStudy.Definition(pruning: PruningRule.Asha, trials: 3, maxParallel: 3);
        definition.Config.MaxEpochs = 4;
        var state = GivenStudy.Started(definition).Report(2, GivenStudy.Run([0.3, 0.4, 0.5, 0.9], RunStatus.Completed));

        Assert.Equal(TrialOutcome.Unspecified, state.Trials[1].Outcome);

        state = state.Report(1, GivenStudy.Run([0.6]));

        Assert.Equal(
            (TrialOutcome.TrialPruned, 1, 0.3),
            (state.Trials[1].Outcome, state.Trials[1].Epoch, state.Trials[1].Value)
        );
    }

    [Fact]
    public void A_lower_log_loss_is_better_when_that_is_the_objective()
    {
        var definition = GivenStudy.Definition(pruning: PruningRule.Asha, trials: 2);
        definition.Objective = Objective.ValidLogLoss;

        var state = PlayEpochs(definition, trial => trial == 1 ? 0.2 : 0.6);

        Assert.Equal((2, 0.4), (state.Best!.Number, Math.Round(state.Best.Value, 9)));
    }

    [Fact]
    public void What_is_not_a_number_is_worse_than_any()
    {
        var definition = GivenStudy.Definition(pruning: PruningRule.Asha, trials: 3);

        var state = PlayEpochs(definition, trial => trial == 2 ? double.NaN : 0.1);

        Assert.Equal(TrialOutcome.TrialPruned, state.Trials[1].Outcome);
        Assert.Equal(1, state.Best!.Number);
    }

    /// <summary>One trial after the other, epoch by epoch, at a constant value.</summary>
    private static StudyState PlayEpochs(StudyDefinition definition, Func<int, double> auc)
    {
        var state = GivenStudy.Started(definition);
        while (state.UnderWay.FirstOrDefault() is { } trial)
        {
            var epochs = Enumerable.Repeat(auc(trial.Number), trial.Values.Count + 1);
            var over =
                trial.Outcome == TrialOutcome.TrialPruned ? RunStatus.Cancelled
                : trial.Values.Count + 1 == definition.Config.MaxEpochs ? RunStatus.Completed
                : RunStatus.Training;
            state = state.Report(trial.Number, GivenStudy.Run(epochs, over));
        }

        return state;
    }
}
