using System.Runtime.InteropServices;
using System.Text.Json;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schema;

namespace RalmActors.Benchmarks.Support;

/// <summary>Interactions of the reference shape, 64 numbers a side, with labels that can be learned; nothing on disk.</summary>
public static class SyntheticDataset
{
    public const int Width = 64;

    public static readonly string Hash = new('5', 64);

    public static PreparedDataset Make(int rows, int users = 20_000, int candidates = 5_000)
    {
        var (u, c, userIndex, candidateIndex, labels) = Arrays(rows, users, candidates);
        return new PreparedDataset(
            Meta(rows, users, candidates),
            null,
            u,
            c,
            [],
            userIndex,
            candidateIndex,
            labels,
            Splits(rows)
        );
    }

    /// <summary>A folder as a preparation leaves it.</summary>
    public static void WritePrepared(string folder, int rows, int users = 20_000, int candidates = 5_000)
    {
        Write(folder, rows, users, candidates);
        var files = new PreparedFiles(folder, CancellationToken.None);
        files.Write<float>(PreparedDataset.ContextFile, []);
        files.Write<Split>(PreparedDataset.SplitFile, Splits(rows));
        files.WriteText(
            PreparedDataset.SchemaFile,
            new FeatureSchema(AsWide("user"), AsWide("candidate"), SideSchema.Empty).ToJson()
        );
        files.WriteText(
            PreparedDataset.MetaFile,
            JsonSerializer.Serialize(Meta(rows, users, candidates), PreparedDataset.Json)
        );
    }

    /// <summary>The same arrays as raw little-endian files, for a peer in another language.</summary>
    public static void Write(string folder, int rows, int users = 20_000, int candidates = 5_000)
    {
        var (u, c, userIndex, candidateIndex, labels) = Arrays(rows, users, candidates);
        Write<float>(PreparedDataset.UsersFile, u);
        Write<float>(PreparedDataset.CandidatesFile, c);
        Write<int>(PreparedDataset.UserIndexFile, userIndex);
        Write<int>(PreparedDataset.CandidateIndexFile, candidateIndex);
        Write<float>(PreparedDataset.LabelFile, labels);

        void Write<T>(string name, T[] values)
            where T : unmanaged =>
            File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static DatasetMeta Meta(int rows, int users, int candidates)
    {
        var valid = ValidRows(rows);
        return new(
            "synthetic",
            Hash,
            "",
            rows,
            users,
            candidates,
            Width,
            Width,
            ContextWidth: 0,
            Train: rows - valid,
            valid,
            Test: 0,
            Positives: 0.5
        );
    }

    /// <summary>The schema says how wide the inputs are; nothing is encoded with it.</summary>
    private static SideSchema AsWide(string name) =>
        new([new FeatureSpec(name, FeatureKind.Hashed, [], [], []) { Buckets = Width - 1 }]);

    private static Split[] Splits(int rows) =>
        [.. Enumerable.Range(0, rows).Select(k => k < rows - ValidRows(rows) ? Split.Train : Split.Valid)];

    private static int ValidRows(int rows) => rows / 10;

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

    private static int Pick(ulong seed, int k, int count) => (int)(RandomStream.Uniform(seed, k) * count);

    private static float[] Numbers(int rows, ulong seed)
    {
        var values = new float[rows * Width];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = (RandomStream.Uniform(seed, k) - 0.5f) * 3.46f;
        }

        return values;
    }
}
