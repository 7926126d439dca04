using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// Which parameters the objective follows. Completed trials are grouped by a parameter's value, ordered values by quarters
/// of the trials; what counts is how much of the variance of the objective's ranks lies between the groups, so a best value
/// in the middle is seen too.
/// </summary>
/// <remarks>
/// The statistic is that of Kruskal and Wallis 1952, H = (n - 1) SSB / SST over mean ranks, as a share corrected for chance:
/// epsilon squared = (H - k + 1) / (n - k) for k groups of n trials, 0 where that is negative (Kelley 1935; Tomczak and
/// Tomczak 2014). Each parameter is looked at alone: what matters only together with another is not seen.
/// </remarks>
internal static class ParameterImportances
{
    /// <summary>Fewer trials say nothing.</summary>
    public const int FewestTrials = 4;

    /// <summary>Fewer trials order the parameters by chance as much as by what they do.</summary>
    public const int EnoughTrials = 10;

    private const int MaxGroups = 4;
    private const int TrialsPerGroup = 3;

    /// <summary>The most important first; none with too few completed trials.</summary>
    public static ImmutableArray<ParameterImportance> Of(StudyDefinition definition, IEnumerable<Trial> trials)
    {
        Trial[] completed = [.. trials.Where(t => t.Outcome == TrialOutcome.TrialCompleted)];
        if (completed.Length < FewestTrials)
        {
            return [];
        }

        var scores = Ranks([.. completed.Select(t => TrialRanking.Score(definition.Objective, t.Value))]);
        return
        [
            .. definition
                .Parameters.Select(p => Of(p.Path, [.. completed.Select(t => ValueOf(t, p.Path))], scores))
                .OrderByDescending(i => i.Importance)
                .ThenBy(i => i.Path, StringComparer.Ordinal),
        ];
    }

    public static IEnumerable<string> Warnings(StudyDefinition definition, IReadOnlyCollection<Trial> trials)
    {
        var completed = trials.Count(t => t.Outcome == TrialOutcome.TrialCompleted);
        if (completed < EnoughTrials && definition.Parameters.Count > 0)
        {
            yield return $"importances rest on {completed} completed trials: with fewer than {EnoughTrials} chance decides";
        }
    }

    private static ParameterImportance Of(string path, ParameterValue[] values, double[] scores)
    {
        var ordered = values[0].ValueCase != ParameterValue.ValueOneofCase.Text;
        var ranks = ordered ? Ranks([.. values.Select(NumberOf)]) : [];
        var groups = ordered ? GroupsOf(ranks) : [.. values.Select(v => v.Text)];
        var importance = new ParameterImportance
        {
            Path = path,
            Trials = values.Length,
            Groups = groups.Distinct(StringComparer.Ordinal).Count(),
            Importance = EpsilonSquared(groups, scores),
        };
        if (ordered && Correlation.Pearson(ranks, scores) is var spearman && double.IsFinite(spearman))
        {
            importance.RankCorrelation = spearman;
        }

        return importance;
    }

    /// <summary>By value where there are few, and else by parts of the trials in the values' order; equal values together.</summary>
    private static string[] GroupsOf(double[] ranks)
    {
        var parts = Math.Clamp(ranks.Length / TrialsPerGroup, 2, MaxGroups);
        var few = ranks.Distinct().Count() <= parts;
        return [.. ranks.Select(r => few ? $"{r:R}" : $"{(int)((r - 0.5) / ranks.Length * parts)}")];
    }

    private static double EpsilonSquared(string[] groups, double[] ranks)
    {
        var mean = ranks.Average();
        var total = ranks.Sum(r => (r - mean) * (r - mean));
        var parts = groups.Zip(ranks).GroupBy(g => g.First, g => g.Second, StringComparer.Ordinal).ToArray();
        if (total == 0 || parts.Length < 2 || parts.Length >= ranks.Length)
        {
            return 0;
        }

        var between = parts.Sum(p => p.Count() * (p.Average() - mean) * (p.Average() - mean));
        var h = (ranks.Length - 1) * between / total;
        return Math.Clamp((h - parts.Length + 1) / (ranks.Length - parts.Length), 0, 1);
    }

    private static double[] Ranks(double[] values) => ArrayStatistics.RanksInplace(values, RankDefinition.Average);

    private static double NumberOf(ParameterValue value) =>
        value.ValueCase == ParameterValue.ValueOneofCase.Integer ? value.Integer : value.Number;

    private static ParameterValue ValueOf(Trial trial, string path) => trial.Parameters.First(p => p.Path == path);
}
