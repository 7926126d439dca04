using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class ParameterImportanceSpecs
{
    private const string Rate = "optimizer.learning_rate";
    private const string Name = "optimizer.name";

    [Fact]
    public void Two_groups_that_do_not_overlap_have_the_figure_that_follows_by_hand()
    {
        // Ranks 1 to 5 and 6 to 10: between 2 x 5 x 2.5^2 = 62.5, in all 82.5; H = 9 x 62.5 / 82.5 = 6.818.
        var trials = Enumerable.Range(1, 10).Select(k => Trial(k, 0.5 + (k / 100.0), 0.1, k > 5 ? "sgd" : "adam"));

        var importance = Of(trials).Single(i => i.Path == Name);

        Assert.Equal((6.8181818 - 1) / 8, importance.Importance, 6);
        Assert.Equal((10, 2), (importance.Trials, importance.Groups));
        Assert.False(importance.HasRankCorrelation);
    }

    [Fact]
    public void Equal_values_of_the_objective_share_their_rank()
    {
        // Ranks 2, 2, 2, 4.5, 4.5, 6 of groups a a a b b b: SSB = 6 x 1.5^2 = 13.5, SST = 15; H = 5 x 13.5 / 15 = 4.5.
        double[] aucs = [0.6, 0.6, 0.6, 0.7, 0.7, 0.8];
        var trials = aucs.Select((auc, k) => Trial(k + 1, auc, 0.1, k < 3 ? "adam" : "sgd"));

        Assert.Equal((4.5 - 1) / 4, Of(trials).Single(i => i.Path == Name).Importance, 9);
    }

    [Fact]
    public void A_best_value_in_the_middle_is_important_though_it_has_no_direction()
    {
        var trials = Enumerable
            .Range(0, 41)
            .Select(k => Trial(k + 1, 0.8 - Math.Abs(k - 20) / 100.0, Math.Pow(10, -4 + (k / 10.0)), "adam"));

        var importance = Of(trials)[0];

        Assert.Equal((Rate, 4), (importance.Path, importance.Groups));
        Assert.InRange(importance.Importance, 0.6, 1);
        Assert.Equal(0, importance.RankCorrelation, 9);
    }

    [Theory]
    [InlineData(Objective.ValidAuc, 1)]
    [InlineData(Objective.ValidLogLoss, -1)]
    public void The_direction_says_whether_more_is_better(Objective objective, double direction)
    {
        var trials = Enumerable.Range(1, 12).Select(k => Trial(k, 0.5 + (k / 100.0), k / 100.0, "adam"));

        var importance = Of(trials, objective)[0];

        Assert.Equal(direction, importance.RankCorrelation, 9);
        Assert.InRange(importance.Importance, 0.8, 1);
    }

    [Fact]
    public void What_changes_nothing_has_no_importance()
    {
        // Every name and every part of the rates has the same mean rank.
        double[] aucs = [0.1, 0.4, 0.3, 0.2, 0.2, 0.3, 0.4, 0.1];
        var trials = aucs.Select((auc, k) => Trial(k + 1, auc, (k + 1) / 10.0, (k % 4) is 0 or 1 ? "adam" : "sgd"));

        Assert.All(Of(trials), i => Assert.Equal(0, i.Importance));
    }

    [Fact]
    public void Only_completed_trials_count_and_few_are_warned_of()
    {
        var completed = Enumerable.Range(1, 9).Select(k => Trial(k, k / 10.0, k / 10.0, "adam"));
        var other = Trial(10, 0.9, 0.9, "adam");
        other.Outcome = TrialOutcome.TrialPruned;
        Trial[] trials = [.. completed, other];

        Assert.All(Of(trials), i => Assert.Equal(9, i.Trials));
        Assert.Contains("9 completed trials", Assert.Single(ParameterImportances.Warnings(Definition(), trials)));
        other.Outcome = TrialOutcome.TrialCompleted;
        Assert.Empty(ParameterImportances.Warnings(Definition(), trials));
        Assert.Empty(Of(trials[..3]));
    }

    [Fact]
    public void The_study_says_them_with_its_best()
    {
        var state = GivenStudy.Played(
            GivenStudy.Definition(trials: 40),
            c => 0.5 - (Math.Abs(Math.Log10(c.Optimizer.LearningRate) + 2) / 10)
        );

        var reply = (StudyReply)state.Answer(new GetStudy());

        Assert.Equal(4, reply.Importances.Count);
        Assert.Equal(Rate, reply.Importances[0].Path);
        Assert.True(reply.Importances[0].Importance > 3 * reply.Importances[1].Importance, $"{reply.Importances}");
        Assert.Empty(reply.Warnings);
    }

    private static IReadOnlyList<ParameterImportance> Of(
        IEnumerable<Trial> trials,
        Objective objective = Objective.ValidAuc
    ) => ParameterImportances.Of(Definition(objective), trials);

    private static StudyDefinition Definition(Objective objective = Objective.ValidAuc) =>
        new()
        {
            Objective = objective,
            Parameters = { GivenStudy.Real(Rate, 1e-4, 1, log: true), GivenStudy.Choice(Name, "adam", "sgd") },
        };

    private static Trial Trial(int number, double value, double rate, string name) =>
        new()
        {
            Number = number,
            Outcome = TrialOutcome.TrialCompleted,
            Value = value,
            Parameters =
            {
                new ParameterValue { Path = Rate, Number = rate },
                new ParameterValue { Path = Name, Text = name },
            },
        };
}
