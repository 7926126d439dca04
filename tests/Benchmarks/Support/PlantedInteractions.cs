using System.Runtime.InteropServices;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;

namespace RalmActors.Benchmarks.Support;

/// <summary>
/// Interactions of the reference shape whose labels are drawn with a known probability: the log odds are twice the scaled
/// product of eight hidden numbers of both sides, and a direction of each. So the best AUC there can be is known.
/// </summary>
public sealed class PlantedInteractions
{
    public const int Width = 64;

    private const int Hidden = 8;
    private const double OfProduct = 2;
    private const double OfEach = 0.6;
    private const double Bias = -1;

    private readonly float[] _users;
    private readonly float[] _candidates;
    private readonly int[] _userIndex;
    private readonly int[] _candidateIndex;

    public PlantedInteractions(int rows = 1_000_000, int users = 100_000, int candidates = 20_000)
    {
        (Rows, Train, Valid) = (rows, rows / 10 * 8, rows / 10);
        (_users, _candidates) = (Normals(users * Width, 1), Normals(candidates * Width, 2));
        _userIndex = [.. Enumerable.Range(0, rows).Select(k => (int)(RandomStream.Uniform(3, k) * users))];
        // Few candidates meet most users: an exponential rank.
        _candidateIndex =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(k =>
                    Math.Min((int)(-0.25 * Math.Log(1 - RandomStream.Uniform(4, k)) * candidates), candidates - 1)
                ),
        ];
        (Probabilities, Labels) = (new float[rows], new float[rows]);
        Draw(Hide(_users, 5), Hide(_candidates, 6));
    }

    public static string Hash { get; } = new('6', 64);

    public int Rows { get; }

    public int Train { get; }

    public int Valid { get; }

    /// <summary>Of a label of 1, row by row: no model knows more.</summary>
    public float[] Probabilities { get; }

    public float[] Labels { get; }

    public PreparedDataset ToDataset()
    {
        var (users, candidates) = (_users.Length / Width, _candidates.Length / Width);
        var test = Rows - Train - Valid;
        return new PreparedDataset(
            new("planted", Hash, "", Rows, users, candidates, Width, Width, 0, Train, Valid, test, Labels.Average()),
            null,
            _users,
            _candidates,
            [],
            _userIndex,
            _candidateIndex,
            Labels,
            [
                .. Enumerable
                    .Range(0, Rows)
                    .Select(k =>
                        k < Train ? Split.Train
                        : k < Train + Valid ? Split.Valid
                        : Split.Test
                    ),
            ]
        );
    }

    public void Write(string folder)
    {
        Write<float>("users.f32", _users);
        Write<float>("candidates.f32", _candidates);
        Write<int>("user_index.i32", _userIndex);
        Write<int>("candidate_index.i32", _candidateIndex);
        Write<float>("label.f32", Labels);

        void Write<T>(string name, T[] values)
            where T : unmanaged =>
            File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private void Draw((double[] Product, double[] Each) user, (double[] Product, double[] Each) candidate)
    {
        for (var k = 0; k < Rows; k++)
        {
            var (u, c) = (_userIndex[k], _candidateIndex[k]);
            var product = 0.0;
            for (var d = 0; d < Hidden; d++)
            {
                product += user.Product[(u * Hidden) + d] * candidate.Product[(c * Hidden) + d];
            }

            var logit =
                (OfProduct * product / Math.Sqrt(Hidden)) + (OfEach * (user.Each[u] + candidate.Each[c])) + Bias;
            Probabilities[k] = (float)(1 / (1 + Math.Exp(-logit)));
            Labels[k] = RandomStream.Uniform(7, k) < Probabilities[k] ? 1 : 0;
        }
    }

    /// <summary>Projections on eight orthonormal directions, and on another one of length 1.</summary>
    private static (double[] Product, double[] Each) Hide(float[] numbers, ulong seed)
    {
        var directions = Orthonormal(seed);
        var rows = numbers.Length / Width;
        var (product, each) = (new double[rows * Hidden], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            var of = numbers.AsSpan(row * Width, Width);
            for (var d = 0; d <= Hidden; d++)
            {
                var sum = 0.0;
                for (var k = 0; k < Width; k++)
                {
                    sum += of[k] * directions[d][k];
                }

                if (d == Hidden)
                {
                    each[row] = sum;
                }
                else
                {
                    product[(row * Hidden) + d] = sum;
                }
            }
        }

        return (product, each);
    }

    /// <summary>By Gram and Schmidt.</summary>
    private static double[][] Orthonormal(ulong seed)
    {
        var directions = new double[Hidden + 1][];
        for (var d = 0; d <= Hidden; d++)
        {
            double[] next = [.. Normals(Width, seed + (100 * (ulong)(d + 1))).Select(v => (double)v)];
            foreach (var other in directions.Take(d))
            {
                var along = next.Zip(other, (a, b) => a * b).Sum();
                next = [.. next.Zip(other, (a, b) => a - (along * b))];
            }

            var length = Math.Sqrt(next.Sum(v => v * v));
            directions[d] = [.. next.Select(v => v / length)];
        }

        return directions;
    }

    /// <summary>By Box and Muller.</summary>
    private static float[] Normals(int count, ulong seed)
    {
        var values = new float[count];
        for (var k = 0; k < count; k++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - RandomStream.Uniform(seed, 2 * k)));
            values[k] = (float)(radius * Math.Cos(2 * Math.PI * RandomStream.Uniform(seed, (2 * k) + 1)));
        }

        return values;
    }
}
