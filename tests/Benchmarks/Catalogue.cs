using RalmActors.Benchmarks.Rows;

namespace RalmActors.Benchmarks;

/// <summary>Every row there is code for, made only when it is run: rows own folders and servers.</summary>
public static class Catalogue
{
    public static readonly IReadOnlyList<(string Id, Func<IComparison> Make)> Rows =
    [
        ("T1", () => new T1TrainingAgainstTorch()),
        ("T2", () => new T2TrainingByMessages()),
        ("T3", () => new T3ParallelTraining("T3", batchSize: 512, averageEvery: 8)),
        ("T3S", () => new T3ParallelTraining("T3S", batchSize: 512, averageEvery: 0)),
        ("T3L", () => new T3ParallelTraining("T3L", batchSize: 4_096, averageEvery: 0)),
        ("T6", () => new T6SeededTrainingAgainstTorch()),
        ("O2", () => new O2AcceptedSamples()),
        ("O3", () => new O3UpdatesUnderLoad()),
        ("A1", () => new A1Assignment()),
        ("A2", () => new A2SharedAssignment()),
        ("A3", () => new A3Analysis()),
        ("M4", () => new M4DayOfSeries()),
        ("E1", () => new E1ShardedEntity()),
        ("E2", () => new E2DurableSqlite()),
        ("E3", () => new E3DurablePostgres()),
        ("E5", () => new E5Recovery()),
        ("E6", () => new E6RemoteAsk()),
    ];

    /// <summary>Run by name only: each takes minutes.</summary>
    public static readonly IReadOnlyList<(string Id, Func<IFigures> Make)> ByName =
    [
        ("T4", () => new T4AucAgainstTorch("T4", maxEpochs: 20)),
        ("T5", () => new T4AucAgainstTorch("T5", maxEpochs: 1)),
        ("TS", () => new TSTrainingScale()),
        ("O4", () => new O4CityLearner()),
        ("M1", () => new M1SeriesOnDisk()),
        ("M2", () => new M2Collection()),
        ("M3", () => new M3AlertLatency()),
    ];
}
