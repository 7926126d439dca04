using System.Collections.Immutable;

namespace Ralm.Ranking.Metrics;

/// <summary>One feature's value of every row, for figures per slice.</summary>
/// <param name="Feature">Such as user.city, context.hour or user.activity.</param>
/// <param name="Values">What the numbers stand for; at most <see cref="MaxValues"/>.</param>
/// <param name="ValueOf">Per row the place of its value.</param>
public sealed record SliceColumn(string Feature, ImmutableArray<string> Values, ReadOnlyMemory<byte> ValueOf)
{
    public const int MaxValues = 255;
}

/// <summary>What is judged, without the scores: all models of a dataset are judged on the same rows.</summary>
public sealed class EvaluationRows
{
    /// <param name="labels">0 to 1; above 0.5 is positive.</param>
    /// <param name="users">Per row any number that names its user.</param>
    /// <param name="candidates">Per row any number that names its candidate.</param>
    /// <exception cref="ArgumentException">The arrays differ in length.</exception>
    public EvaluationRows(
        ReadOnlyMemory<float> labels,
        ReadOnlySpan<int> users,
        ReadOnlySpan<int> candidates,
        ImmutableArray<SliceColumn> slices = default
    )
    {
        if (users.Length != labels.Length || candidates.Length != labels.Length)
        {
            throw new ArgumentException(
                $"{labels.Length} labels, {users.Length} users, {candidates.Length} candidates",
                nameof(labels)
            );
        }

        Labels = labels;
        Slices = slices.IsDefault ? [] : slices;
        (UserOf, Users) = Dense(users);
        (CandidateOf, Candidates) = Dense(candidates);
        RowsOfUser = ByUser();
    }

    public ReadOnlyMemory<float> Labels { get; }

    public ImmutableArray<SliceColumn> Slices { get; }

    public int Count => Labels.Length;

    /// <summary>How many users there are; each row's is numbered 0 to one less.</summary>
    public int Users { get; }

    public int Candidates { get; }

    internal int[] UserOf { get; }

    internal int[] CandidateOf { get; }

    internal int[][] RowsOfUser { get; }

    public int Positives
    {
        get
        {
            var count = 0;
            foreach (var label in Labels.Span)
            {
                count += RankingMetrics.IsPositive(label) ? 1 : 0;
            }

            return count;
        }
    }

    private int[][] ByUser()
    {
        var rows = new int[Users][];
        var counts = new int[Users];
        foreach (var user in UserOf)
        {
            counts[user]++;
        }

        for (var row = 0; row < UserOf.Length; row++)
        {
            var user = UserOf[row];
            (rows[user] ??= new int[counts[user]])[^counts[user]--] = row;
        }

        return rows;
    }

    private static (int[] Number, int Count) Dense(ReadOnlySpan<int> names)
    {
        var known = new Dictionary<int, int>();
        var numbers = new int[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            if (!known.TryGetValue(names[i], out numbers[i]))
            {
                known[names[i]] = numbers[i] = known.Count;
            }
        }

        return (numbers, known.Count);
    }
}
