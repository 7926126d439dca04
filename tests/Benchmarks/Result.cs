namespace RalmActors.Benchmarks;

/// <summary>The rounds of one comparison and what they say.</summary>
public sealed record Result(IComparison Row, IReadOnlyList<(Measurement Product, Measurement Peer)> Rounds, double Load)
{
    public Quartiles Wall => Quartiles.Of(Rounds.Select(r => r.Product.PerSecond / r.Peer.PerSecond));

    public Quartiles Cpu => Quartiles.Of(Rounds.Select(r => r.Product.PerCpuSecond / r.Peer.PerCpuSecond));

    public Quartiles ProductRate => Quartiles.Of(Rounds.Select(r => r.Product.PerSecond));

    public Quartiles PeerRate => Quartiles.Of(Rounds.Select(r => r.Peer.PerSecond));

    public string Judgement =>
        Wall.Median >= Row.Stretch ? "stretch reached"
        : Wall.Median >= Row.Must ? "reached"
        : "MISSED";
}

/// <summary>Median and interquartile range.</summary>
public sealed record Quartiles(double Low, double Median, double High)
{
    public static Quartiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Quartiles(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    /// <summary>Linear interpolation between the closest ranks.</summary>
    private static double At(double[] sorted, double quantile)
    {
        var position = quantile * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    public override string ToString() => $"{Median:G3} ({Low:G3}-{High:G3})";
}
