namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Which way an effect is looked for.</summary>
public enum Alternative
{
    TwoSided,
    Larger,
    Smaller,
}
