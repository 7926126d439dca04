using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What is asked of the statistics: the definition's own question, or the same with another metric or level.</summary>
internal sealed record Question(string Metric, double Alpha, Method Method)
{
    /// <summary>The method looks only when it was planned to.</summary>
    public bool IsPlanned => Method is Method.FixedHorizon or Method.GroupSequential;

    public static Question Of(ExperimentDefinition d) => new(d.Metric, d.Alpha, d.Method);

    /// <summary>The definition's question, by what is valid at any look.</summary>
    public static Question AtAnyTime(ExperimentDefinition d) => new(d.Metric, d.Alpha, Method.AlwaysValid);

    /// <summary>What the query leaves open is the definition's.</summary>
    public static Question Of(ExperimentDefinition d, GetVerdict asked) =>
        new(
            asked.Metric.Length > 0 ? asked.Metric : d.Metric,
            asked.Alpha > 0 ? asked.Alpha : d.Alpha,
            asked.Method == Method.Unspecified ? d.Method : asked.Method
        );

    public static Rejection? Check(ExperimentDefinition d, GetVerdict asked) =>
        asked.Metric.Length > 0 && d.Metrics.All(m => m.Name != asked.Metric)
            ? Rejections.Invalid(
                "metric",
                asked.Metric,
                $"must be one of {string.Join(", ", d.Metrics.Select(m => m.Name))}"
            )
        : asked.Alpha is < 0 or > 0.5 or double.NaN
            ? Rejections.Invalid("alpha", asked.Alpha, "must be above 0 and at most 0.5")
        : !Enum.IsDefined(asked.Method)
            ? Rejections.Invalid("method", (int)asked.Method, "must be one of docs/experiments.md")
        : DefinitionRules.CheckMethod(Asked(d, asked));

    private static ExperimentDefinition Asked(ExperimentDefinition d, GetVerdict asked)
    {
        var (copy, question) = (d.Clone(), Of(d, asked));
        (copy.Metric, copy.Alpha, copy.Method) = (question.Metric, question.Alpha, question.Method);
        return copy;
    }
}
