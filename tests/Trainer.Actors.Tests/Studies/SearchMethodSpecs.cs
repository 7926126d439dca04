using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class SearchMethodSpecs
{
    [Fact]
    public void A_log_range_gives_each_decade_the_same_share_and_a_linear_one_each_tenth()
    {
        var definition = GivenStudy.Definition(trials: 1_000);
        var trials = GivenStudy.Played(definition, _ => 0.5).Trials;

        foreach (var exponent in new[] { -4, -3, -2, -1 })
        {
            var share = trials.Count(t => Math.Floor(Math.Log10(t.Parameters[0].Number)) == exponent);
            Assert.InRange(share, 200, 300);
        }

        Assert.All(trials, t => Assert.InRange(t.Parameters[1].Number, 0.01, 0.5));
        Assert.InRange(trials.Average(t => t.Parameters[1].Number), 0.24, 0.27);
        Assert.Equal(
            Enumerable.Range(1, 16).Select(k => 16L * k),
            trials.Select(t => t.Parameters[2].Integer).Distinct().Order()
        );
        Assert.InRange(trials.Count(t => t.Parameters[3].Text == "sgd"), 450, 550);
    }

    [Fact]
    public void Whole_numbers_on_a_log_scale_are_rarer_the_larger_they_are()
    {
        var range = SearchRange.Of(GivenStudy.Whole("batch_size", 1, 64, 1, log: true));
        var draws = GivenStudy.Numbers(3, 20_000).Select(u => range.At(u).Integer).ToArray();

        foreach (var value in new[] { 1, 2, 8, 64 })
        {
            var expected = Math.Log((value + 0.5) / (value - 0.5)) / Math.Log(64.5 / 0.5);
            Assert.Equal(expected, draws.Count(d => d == value) / 20_000.0, 0.01);
        }

        var whole = Enumerable.Range(1, 64).Select(v => range.Bin(new ParameterValue { Integer = v })).ToArray();
        Assert.Equal(1, whole.Sum(b => b.To - b.From), 9);
    }

    [Fact]
    public void A_trial_writes_its_values_and_its_own_seed_into_the_shared_configuration()
    {
        var state = GivenStudy.Started(GivenStudy.Definition(seed: 5));
        var trial = state.Trials[0];

        Assert.Equal((float)trial.Parameters[0].Number, trial.Config.Optimizer.LearningRate);
        Assert.Equal(trial.Parameters[2].Integer, trial.Config.Model.HiddenDim);
        Assert.Equal(trial.Parameters[3].Text, trial.Config.Optimizer.Name);
        Assert.Equal((8, TrialSeeds.ForRun(5, 1)), (trial.Config.MaxEpochs, trial.Config.RandomSeed));
        Assert.NotEqual(TrialSeeds.ForRun(5, 1), TrialSeeds.ForRun(5, 2));
    }

    [Fact]
    public void A_grid_takes_every_combination_that_can_be_trained_once()
    {
        var definition = GivenStudy.Definition(SearchMethod.Grid, trials: 0);
        definition.Parameters.Clear();
        definition.Parameters.Add(GivenStudy.Real("optimizer.learning_rate", 1e-3, 1e-1, log: true, points: 3));
        definition.Parameters.Add(GivenStudy.Whole("model.tower_dim", 6, 24, 6));
        definition.Parameters.Add(GivenStudy.Choice("model.heads", "2", "4"));

        var trials = GivenStudy.Played(definition, _ => 0.5).Trials;

        // 6 and 18 are no multiples of 4.
        Assert.Equal(3 * (4 + 2), trials.Count);
        Assert.Equal(trials.Count, trials.Select(t => t.Parameters.ToString()).Distinct().Count());
        Assert.Equal([0.001f, 0.01f, 0.1f], trials.Select(t => t.Config.Optimizer.LearningRate).Distinct().Order());
        Assert.NotEqual(
            trials.Select(t => t.Parameters.ToString()),
            GivenStudy.Played(WithSeed(definition, 2), _ => 0.5).Trials.Select(t => t.Parameters.ToString())
        );
    }

    /// <summary>Regret on a function with one optimum over a real, a log-real, a whole and an unordered parameter.</summary>
    [Fact]
    public void Tpe_comes_closer_to_the_optimum_than_random_search_of_the_same_budget()
    {
        const int Seeds = 30;
        var tpe = Enumerable.Range(1, Seeds).Select(s => Regret(SearchMethod.Tpe, (ulong)s)).ToArray();
        var random = Enumerable.Range(1, Seeds).Select(s => Regret(SearchMethod.Random, (ulong)s)).ToArray();

        var wins = tpe.Zip(random).Count(pair => pair.First < pair.Second);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"mean regret: tpe {tpe.Average():F4}, random {random.Average():F4}; tpe wins {wins} of {Seeds}"
        );
        // A fair coin gives 23 or more of 30 in 0.3 % of all cases.
        Assert.True(wins >= 23, $"{wins} of {Seeds}");
        Assert.True(tpe.Average() < random.Average() / 2, $"{tpe.Average()} against {random.Average()}");
    }

    [Fact]
    public void Tpe_learns_an_unordered_choice()
    {
        var definition = GivenStudy.Definition(SearchMethod.Tpe, trials: 60, seed: 3);
        definition.Tpe.StartupTrials = 10;

        var trials = GivenStudy.Played(definition, c => c.Optimizer.Name == "sgd" ? 0.9 : 0.1).Trials;

        Assert.True(trials.Skip(20).Count(t => t.Config.Optimizer.Name == "sgd") > 30);
    }

    [Fact]
    public void Tpe_keeps_away_from_where_trials_fail()
    {
        var state = GivenStudy.Started(GivenStudy.Definition(SearchMethod.Tpe, trials: 80, seed: 4));
        while (state.UnderWay.FirstOrDefault() is { } trial)
        {
            var diverges = trial.Config.Optimizer.LearningRate > 0.01f;
            state = state.Report(
                trial.Number,
                diverges ? GivenStudy.Run([], RunStatus.Failed) : GivenStudy.Run([0.7], RunStatus.Completed)
            );
        }

        var late = state.Trials.Skip(30).Count(t => t.Outcome == TrialOutcome.TrialFailed);
        Assert.True(late < 50 / 4, $"{late} of 50 failed; at random half of them do");
    }

    private static double Regret(SearchMethod method, ulong seed)
    {
        var definition = GivenStudy.Definition(method, trials: 60, seed: seed);
        definition.Tpe.StartupTrials = 10;
        return -GivenStudy.Played(definition, Auc).Best!.Value;
    }

    private static double Auc(TrainingConfig c) =>
        -Math.Pow(Math.Log10(c.Optimizer.LearningRate) + 2.2, 2)
        - Math.Pow((c.Model.HiddenDim - 96) / 80.0, 2)
        - (4 * Math.Pow(c.Model.Dropout - 0.2, 2))
        - (c.Optimizer.Name == "sgd" ? 0.5 : 0);

    private static StudyDefinition WithSeed(StudyDefinition definition, ulong seed)
    {
        var other = definition.Clone();
        other.RandomSeed = seed;
        return other;
    }
}
