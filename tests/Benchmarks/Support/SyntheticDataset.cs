using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Benchmarks.Support;

/// <summary>Interactions of the reference shape, 64 numbers a side, with labels that can be learned; nothing on disk.</summary>
public static class SyntheticDataset
{
    public const int Width = 64;

    public static readonly string Hash = new('5', 64);

    public static PreparedDataset Make(int rows, int users = 20_000, int candidates = 5_000)
    {
        var (u, c) = (Numbers(users, 1), Numbers(candidates, 2));
        var userIndex = Enumerable.Range(0, rows).Select(k => Pick(3, k, users)).ToArray();
        var candidateIndex = Enumerable.Range(0, rows).Select(k => Pick(4, k, candidates)).ToArray();
        var labels = new float[rows];
        for (var k = 0; k < rows; k++)
        {
            labels[k] = u[userIndex[k] * Width] * c[candidateIndex[k] * Width] > 0 ? 1 : 0;
        }

        var valid = rows / 10;
        return new PreparedDataset(
            new DatasetMeta(
                "synthetic",
                Hash,
                "",
                rows,
                users,
                candidates,
                Width,
                Width,
                0,
                rows - valid,
                valid,
                0,
                0.5
            ),
            null,
            u,
            c,
            [],
            userIndex,
            candidateIndex,
            labels,
            [.. Enumerable.Range(0, rows).Select(k => k < rows - valid ? Split.Train : Split.Valid)]
        );
    }

    private static int Pick(ulong seed, int k, int count) => (int)(SeedStream.Uniform(seed, k) * count);

    private static float[] Numbers(int rows, ulong seed)
    {
        var values = new float[rows * Width];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = (SeedStream.Uniform(seed, k) - 0.5f) * 3.46f;
        }

        return values;
    }
}
