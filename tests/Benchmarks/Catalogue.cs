namespace RalmActors.Benchmarks;

/// <summary>Every row there is code for.</summary>
public static class Catalogue
{
    public static readonly IReadOnlyList<IComparison> Rows = [];
}
