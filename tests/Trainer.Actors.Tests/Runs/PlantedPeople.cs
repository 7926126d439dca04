using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schema;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// A dataset in memory in which the same people meet the same candidates again and again, so that candidates have seeds:
/// every user with every candidate, a response where their first numbers have the same sign.
/// </summary>
public static class PlantedPeople
{
    public const int Users = 40;
    public const int Candidates = 12;

    /// <param name="schema">Of another shape than <see cref="PlantedData"/>'s.</param>
    public static PreparedDataset Open(FeatureSchema? schema = null)
    {
        const int Rows = Users * Candidates;
        schema ??= PlantedData.Schema;
        var (u, c, x) = (schema.User.Width, schema.Candidate.Width, schema.Context.Width);
        var users = Numbers(Users * u, 1);
        var candidates = Numbers(Candidates * c, 2);
        var labels = new float[Rows];
        for (var k = 0; k < Rows; k++)
        {
            labels[k] = users[User(k) * u] * candidates[k % Candidates * c] > 0 ? 1 : 0;
        }

        var splits = Enumerable.Range(0, Rows).Select(SplitOf).ToArray();
        return new PreparedDataset(
            new DatasetMeta(
                PlantedData.Path,
                PlantedData.Hash,
                schema.Id,
                Rows,
                Users,
                Candidates,
                u,
                c,
                x,
                splits.Count(s => s == Split.Train),
                splits.Count(s => s == Split.Valid),
                splits.Count(s => s == Split.Test),
                labels.Average()
            ),
            schema,
            users,
            candidates,
            Numbers(Rows * x, 3),
            [.. Enumerable.Range(0, Rows).Select(User)],
            [.. Enumerable.Range(0, Rows).Select(k => k % Candidates)],
            labels,
            splits
        );
    }

    private static int User(int row) => row / Candidates;

    private static Split SplitOf(int row) =>
        (row * 7 % 10) switch
        {
            < 7 => Split.Train,
            < 9 => Split.Valid,
            _ => Split.Test,
        };

    private static float[] Numbers(int count, ulong seed) =>
        [.. Enumerable.Range(0, count).Select(k => (2 * RandomStream.Uniform(seed, k)) - 1)];
}
