using System.Numerics.Tensors;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Actors.Tests.LookAlike;

/// <summary>
/// People of many tastes, directions in space, and candidates whose own features say nothing: each pleases a few tastes of
/// its own, far from one another, so only the people who liked it tell who else will, and their mean is nobody. Responses
/// are drawn with a known probability.
/// </summary>
public static class LookAlikeData
{
    private const int Users = 600;
    private const int Candidates = 40;
    private const int Rows = 12_000;
    private const int Width = 6;
    private const int Tastes = 3;
    private const double Near = 0.55;

    /// <summary>Half of the rows train, a fourth each stop and test.</summary>
    public static PreparedDataset Open(ulong seed)
    {
        var people = Directions(RandomStream.Mix(seed, 0), Users);
        var tastes = Directions(RandomStream.Mix(seed, 1), Candidates * Tastes);
        var users = new float[Users * 2 * Width];
        for (var k = 0; k < Users * Width; k++)
        {
            users[2 * k] = people[k] * MathF.Sqrt(Width);
        }

        var candidates = new float[Candidates * 2];
        for (var c = 0; c < Candidates; c++)
        {
            candidates[2 * c] = RandomStream.Uniform(RandomStream.Mix(seed, 2), c) - 0.5f;
        }

        var (user, candidate, labels) = (new int[Rows], new int[Rows], new float[Rows]);
        for (var r = 0; r < Rows; r++)
        {
            user[r] = Draw(seed, 3, r, Users);
            candidate[r] = Draw(seed, 4, r, Candidates);
            labels[r] = RandomStream.Uniform(RandomStream.Mix(seed, 5), r) < Chance(user[r], candidate[r]) ? 1 : 0;
        }

        var splits = Enumerable
            .Range(0, Rows)
            .Select(r =>
                r % 4 < 2 ? Split.Train
                : r % 4 == 2 ? Split.Valid
                : Split.Test
            );
        return new PreparedDataset(
            new DatasetMeta(
                "look-alike",
                new string('1', 64),
                "",
                Rows,
                Users,
                Candidates,
                2 * Width,
                2,
                0,
                Rows / 2,
                Rows / 4,
                Rows / 4,
                0.3
            ),
            new FeatureSchema(Numbers(Width), Numbers(1), SideSchema.Empty),
            users,
            candidates,
            [],
            user,
            candidate,
            labels,
            [.. splits]
        );

        double Chance(int user, int candidate)
        {
            var of = people.AsSpan(user * Width, Width);
            var nearest = -1f;
            for (var k = 0; k < Tastes; k++)
            {
                var taste = tastes.AsSpan(((candidate * Tastes) + k) * Width, Width);
                nearest = Math.Max(nearest, TensorPrimitives.Dot<float>(of, taste));
            }

            return nearest > Near ? 0.8 : 0.08;
        }
    }

    /// <summary>Uniform on the sphere.</summary>
    private static float[] Directions(ulong seed, int count)
    {
        var numbers = new float[count * Width];
        for (var k = 0; k < numbers.Length; k++)
        {
            var radius = MathF.Sqrt(-2 * MathF.Log(1 - RandomStream.Uniform(seed, 2 * k)));
            numbers[k] = radius * MathF.Cos(2 * MathF.PI * RandomStream.Uniform(seed, (2 * k) + 1));
        }

        for (var k = 0; k < count; k++)
        {
            var direction = numbers.AsSpan(k * Width, Width);
            TensorPrimitives.Divide(direction, TensorPrimitives.Norm<float>(direction), direction);
        }

        return numbers;
    }

    private static int Draw(ulong seed, ulong what, int k, int count) =>
        (int)(RandomStream.Uniform(RandomStream.Mix(seed, what), k) * count);

    private static SideSchema Numbers(int count) =>
        new([
            .. Enumerable.Range(0, count).Select(n => new FeatureSpec($"f{n}", FeatureKind.Number, [0.0], [1.0], [])),
        ]);
}
