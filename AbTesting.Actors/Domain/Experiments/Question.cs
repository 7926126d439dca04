using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What is asked of the statistics: the definition's own question, or the same with another metric or level.</summary>
internal sealed record Question(string Metric, double Alpha, Method Method)
{
    public static Question Of(TestDefinition d) => new(d.Metric, d.Alpha, d.Method);
}
