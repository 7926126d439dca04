using System.Numerics;

namespace Ralm.Ranking.Metrics;

/// <summary>
/// Rows in ascending order of their scores. Equal scores are one group, so that no figure depends on the order in which
/// rows came.
/// </summary>
/// <param name="Rows">Row numbers, lowest score first.</param>
/// <param name="Starts">Where each group begins in <paramref name="Rows"/>, and the number of rows at the end.</param>
internal readonly record struct ScoreOrder(int[] Rows, int[] Starts)
{
    public int Groups => Starts.Length - 1;

    /// <exception cref="ArgumentException">A score is not a finite number: it has no place in an order.</exception>
    public static ScoreOrder Of<T>(ReadOnlySpan<T> scores)
        where T : IFloatingPointIeee754<T>
    {
        var (keys, rows, starts) = (scores.ToArray(), new int[scores.Length], new List<int>());
        for (var i = 0; i < keys.Length; i++)
        {
            rows[i] = i;
            if (!T.IsFinite(keys[i]))
            {
                throw new ArgumentException($"score {i} is {keys[i]}, not a finite number", nameof(scores));
            }
        }

        Array.Sort(keys, rows);
        for (var i = 0; i < keys.Length; i++)
        {
            if (i == 0 || keys[i] != keys[i - 1])
            {
                starts.Add(i);
            }
        }

        return new ScoreOrder(rows, [.. starts, keys.Length]);
    }

    /// <summary>The rows of the g-th group, lowest scores first.</summary>
    public ReadOnlySpan<int> Group(int g) => Rows.AsSpan(Starts[g]..Starts[g + 1]);
}
