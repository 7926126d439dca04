using RalmActors.Messages.Learning;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Domain.Schema;

namespace RalmActors.Trainer.Actors.Tests.LookAlike;

/// <summary>
/// People of crowds that stand in a circle, and candidates whose own features say nothing: each is liked by two crowds from
/// about opposite sides, so only the people who liked it tell who else will, and their mean is nobody. Responses are drawn
/// with a known probability.
/// </summary>
public static class LookAlikeData
{
    private const int Users = 600;
    private const int Candidates = 80;
    private const int Crowds = 8;
    private const int Rows = 12_000;
    private const int Width = 2;

    /// <summary>Half of the rows train, a fourth each stop and test.</summary>
    public static PreparedDataset Open(ulong seed)
    {
        var users = new float[Users * 2 * Width];
        for (var u = 0; u < Users; u++)
        {
            for (var d = 0; d < Width; d++)
            {
                var centre = MathF.Sin((2 * MathF.PI * CrowdOf(u) / Crowds) + (d * MathF.PI / 2));
                users[(u * 2 * Width) + (2 * d)] = centre + (0.6f * (SeedStream.Uniform(seed, (u * Width) + d) - 0.5f));
            }
        }

        var candidates = new float[Candidates * 2];
        for (var c = 0; c < Candidates; c++)
        {
            candidates[2 * c] = SeedStream.Uniform(SeedStream.Mix(seed, 1), c) - 0.5f;
        }

        var (user, candidate, labels) = (new int[Rows], new int[Rows], new float[Rows]);
        for (var r = 0; r < Rows; r++)
        {
            user[r] = Draw(seed, 2, r, Users);
            candidate[r] = Draw(seed, 3, r, Candidates);
            labels[r] = SeedStream.Uniform(SeedStream.Mix(seed, 4), r) < Chance(user[r], candidate[r], seed) ? 1 : 0;
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
    }

    private static int CrowdOf(int user) => user % Crowds;

    private static double Chance(int user, int candidate, ulong seed)
    {
        var first = Draw(seed, 5, candidate, Crowds);
        var second = (first + 3 + Draw(seed, 6, candidate, 3)) % Crowds;
        return CrowdOf(user) == first || CrowdOf(user) == second ? 0.75 : 0.08;
    }

    private static int Draw(ulong seed, ulong what, int k, int count) =>
        (int)(SeedStream.Uniform(SeedStream.Mix(seed, what), k) * count);

    private static SideSchema Numbers(int count) =>
        new([
            .. Enumerable.Range(0, count).Select(n => new FeatureSpec($"f{n}", FeatureKind.Number, [0.0], [1.0], [])),
        ]);
}
