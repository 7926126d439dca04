using RalmActors.Benchmarks.Rows;

namespace RalmActors.Benchmarks;

/// <summary>Every row there is code for.</summary>
public static class Catalogue
{
    public static readonly IReadOnlyList<IComparison> Rows =
    [
        new T2TrainingByMessages(),
        new O2AcceptedSamples(),
        new A1Assignment(),
        new E1ShardedEntity(),
        new E2DurableSqlite(),
        new E3DurablePostgres(),
        new E5Recovery(),
    ];
}
