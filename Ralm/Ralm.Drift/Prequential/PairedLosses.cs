using Ralm.Drift.State;
using Ralm.Ranking.Metrics;

namespace Ralm.Drift.Prequential;

/// <summary>
/// Is one predictor better than another on the same rows? An answer that holds at every row at once: it may be looked at
/// after each of them, and acted on at the first that is clear. Rows may depend on one another and both predictors may learn; what is
/// estimated is the mean over the rows so far of the difference that was to be expected of each (Choe and Ramdas, Comparing
/// Sequential Forecasters, Operations Research 2023).
/// </summary>
/// <remarks>
/// <para>
/// With d the difference of a row, e a guess of it from the rows before, and d - e never below -c: for each λ in [0, 1/c) the
/// product of exp(λ(d - μ) - ψ(λ)(d - e)²), ψ(λ) = (-log(1 - cλ) - cλ) / c², is expected to be at most 1 (Fan, Grama, Liu 2015; Howard,
/// Ramdas, McAuliffe, Sekhon, Annals of Statistics 2021). So is a mean of such products over fixed λ, and it reaches 1/α
/// with probability α at most, ever. The mixture of λ = 1/c times 1/2, 1/4, ... suits 20 rows as well as a million.
/// </para>
/// <para>
/// Losses are capped, since no finite sample bounds the mean of what may be as large as it likes; the guess is held within a sixth
/// of the cap, so that c is the cap and a sixth. A cap makes the answer one about capped losses.
/// </para>
/// </remarks>
public sealed record PairedLosses
{
    /// <summary>Of a row's log loss, in nats: a probability of 5 % for what then happened.</summary>
    public const double DefaultCap = 3;

    private const int FormatVersion = 1;
    private const int Scales = 16;

    /// <param name="cap">Largest loss of a row, above 0, in nats; default 3. Smaller: sooner clear, and blind to worse.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cap is not above 0, or above 20.</exception>
    public PairedLosses(double cap = DefaultCap)
    {
        if (cap is not (> 0 and <= 20))
        {
            throw new ArgumentOutOfRangeException(nameof(cap), cap, "must be above 0, at most 20");
        }

        Cap = cap;
    }

    public double Cap { get; }

    public long Rows { get; private init; }

    /// <summary>Pairs with a number that is none between 0 and 1: they change nothing else.</summary>
    public long Ignored { get; private init; }

    /// <summary>Mean loss of the first less that of the second, in nats: above 0 if the second is better.</summary>
    public double MeanDifference => Rows == 0 ? 0 : Sum / Rows;

    private double Sum { get; init; }

    /// <summary>Squared distances of differences from what was guessed before each.</summary>
    private double Surprise { get; init; }

    private double LargestGuess => Cap / 6;

    private double Reach => Cap + LargestGuess;

    /// <param name="label">0 to 1.</param>
    /// <param name="first">Probability of a positive that the first predictor told, 0 to 1.</param>
    /// <param name="second">Probability that the second one told.</param>
    public PairedLosses Add(double label, double first, double second)
    {
        if (label is not (>= 0 and <= 1) || first is not (>= 0 and <= 1) || second is not (>= 0 and <= 1))
        {
            return this with { Ignored = Ignored + 1 };
        }

        var difference = Loss(first, label) - Loss(second, label);
        var off = difference - Math.Clamp(Sum / (Rows + 1), -LargestGuess, LargestGuess);
        return this with { Rows = Rows + 1, Sum = Sum + difference, Surprise = Surprise + off * off };
    }

    /// <summary>Logarithm of the evidence that the second is better than by chance: log(1/α) of it suffices, at any look.</summary>
    public double LogEvidenceForSecond => LogEvidence(Sum);

    /// <summary>The same for the first.</summary>
    public double LogEvidenceForFirst => LogEvidence(-Sum);

    /// <summary>The second has won: it would be said wrongly, ever, with probability <paramref name="alpha"/> at most.</summary>
    public bool SecondIsBetter(double alpha) => LogEvidenceForSecond >= Math.Log(1 / alpha);

    /// <summary>The first has won; see <see cref="SecondIsBetter"/>.</summary>
    public bool FirstIsBetter(double alpha) => LogEvidenceForFirst >= Math.Log(1 / alpha);

    /// <summary>Mean differences that no row so far has refuted, in nats; all of them cover the truth with 1 - α.</summary>
    /// <param name="alpha">Above 0 and below 1; half of it for each end.</param>
    public (double Low, double High) Interval(double alpha)
    {
        if (Rows == 0)
        {
            return (-Cap, Cap);
        }

        var half = Deviation(Math.Log(2 / alpha)) / Rows;
        return (Math.Max(-Cap, MeanDifference - half), Math.Min(Cap, MeanDifference + half));
    }

    /// <summary>The sum at which the evidence is so large: it rises with the sum.</summary>
    private double Deviation(double logEvidence)
    {
        var (low, high) = (0.0, 1.0);
        while (LogEvidence(high) < logEvidence)
        {
            high *= 2;
        }

        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = LogEvidence(middle) < logEvidence ? (middle, high) : (low, middle);
        }

        return high;
    }

    private double LogEvidence(double sum)
    {
        Span<double> logs = stackalloc double[Scales];
        var largest = double.NegativeInfinity;
        for (var k = 0; k < Scales; k++)
        {
            var part = Math.ScaleB(1, -(k + 1));
            logs[k] = (part / Reach * sum) - ((-double.LogP1(-part) - part) / (Reach * Reach) * Surprise);
            largest = Math.Max(largest, logs[k]);
        }

        var total = 0.0;
        foreach (var log in logs)
        {
            total += Math.Exp(log - largest);
        }

        return largest + Math.Log(total / Scales);
    }

    private double Loss(double probability, double label) => Math.Min(Cap, RankingMetrics.LogLoss(probability, label));

    public byte[] Save()
    {
        var state = new StateWriter();
        state.Count(FormatVersion);
        state.Number(Cap);
        state.Count(Rows);
        state.Count(Ignored);
        state.Number(Sum);
        state.Number(Surprise);
        return state.ToArray();
    }

    /// <exception cref="InvalidDataException">Not bytes of <see cref="Save"/>.</exception>
    public static PairedLosses Load(ReadOnlyMemory<byte> bytes)
    {
        var state = new StateReader(bytes);
        if (state.Count() is var version && version != FormatVersion)
        {
            throw StateReader.Broken($"format {version}, and {FormatVersion} is known");
        }

        try
        {
            var loaded = new PairedLosses(state.Number())
            {
                Rows = state.Count(),
                Ignored = state.Count(),
                Sum = state.Number(),
                Surprise = state.Number(),
            };
            state.End();
            return loaded;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw StateReader.Broken(e.Message);
        }
    }
}
