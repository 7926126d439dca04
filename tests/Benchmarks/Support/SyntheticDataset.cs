using System.Runtime.InteropServices;
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
        var (u, c, userIndex, candidateIndex, labels) = Arrays(rows, users, candidates);
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

    /// <summary>The same arrays as raw little-endian files, for a peer in another language.</summary>
    public static void Write(string folder, int rows, int users = 20_000, int candidates = 5_000)
    {
        var (u, c, userIndex, candidateIndex, labels) = Arrays(rows, users, candidates);
        Write<float>("users.f32", u);
        Write<float>("candidates.f32", c);
        Write<int>("user_index.i32", userIndex);
        Write<int>("candidate_index.i32", candidateIndex);
        Write<float>("label.f32", labels);

        void Write<T>(string name, T[] values)
            where T : unmanaged =>
            File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static (float[] Users, float[] Candidates, int[] UserIndex, int[] CandidateIndex, float[] Labels) Arrays(
        int rows,
        int users,
        int candidates
    )
    {
        var (u, c) = (Numbers(users, 1), Numbers(candidates, 2));
        var userIndex = Enumerable.Range(0, rows).Select(k => Pick(3, k, users)).ToArray();
        var candidateIndex = Enumerable.Range(0, rows).Select(k => Pick(4, k, candidates)).ToArray();
        var labels = new float[rows];
        for (var k = 0; k < rows; k++)
        {
            labels[k] = u[userIndex[k] * Width] * c[candidateIndex[k] * Width] > 0 ? 1 : 0;
        }

        return (u, c, userIndex, candidateIndex, labels);
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
