using Ralm.Drift.TestThenTrain;
using Ralm.Ranking.Randomness;

namespace Ralm.Drift.Tests.TestThenTrain;

/// <summary>Rows whose rule is known: labels by a line through four of six numbers, or by a product of two, and one label in twenty is wrong.</summary>
/// <param name="FlipsAt">From this row on the opposite is true.</param>
/// <param name="MovesAt">From this row on the product is of another two.</param>
internal sealed record PlantedStream(
    int Rows,
    ulong Seed = 7,
    bool IsCurved = false,
    int FlipsAt = int.MaxValue,
    int MovesAt = int.MaxValue
)
{
    public const int Numbers = 6;

    /// <summary>Share of the rows that the rule tells right.</summary>
    public const double Best = 0.95;

    public const int First = 500;

    /// <summary>Numbers, then their indicators of one that is missing.</summary>
    public double[] Row(int at)
    {
        var row = new double[2 * Numbers];
        for (var k = 0; k < Numbers; k++)
        {
            row[k] = (2 * RandomStream.Uniform(Seed, (at * Numbers) + k)) - 1;
        }

        return row;
    }

    public double Label(int at)
    {
        var row = Row(at);
        var isPositive = IsCurved
            ? row[at >= MovesAt ? 2 : 0] * row[1] > 0
            : row[0] + (row[1] / 2) - row[2] + (row[3] / 4) > 0;
        var isWrong = RandomStream.Uniform(Seed + 1, at) >= Best;
        return isPositive ^ isWrong ^ (at >= FlipsAt) ? 1 : 0;
    }

    public StreamLearner Started(ulong seed = 1)
    {
        int[] first = [.. Enumerable.Range(0, First)];
        return new StreamLearner([.. first.Select(Row)], [.. first.Select(Label)], Numbers, 2 * Numbers, seed);
    }

    /// <summary>What was served for each row behind the first ones.</summary>
    public double[] Served(StreamLearner learner) =>
        [.. Enumerable.Range(First, Rows - First).Select(at => learner.Next(Row(at), Label(at)))];

    /// <summary>Share told right of the rows from one to another.</summary>
    public double Accuracy(double[] served, int from, int to) =>
        Enumerable.Range(from, to - from).Count(at => served[at - First] > 0.5 == Label(at) > 0.5)
        / (double)(to - from);
}
