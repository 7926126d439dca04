using Ralm.Ranking.OffPolicy;
using RalmActors.Messages.Serving;

namespace Ralm.Ranking.Tests.OffPolicy;

/// <summary>A world whose rewards are known: lists drawn by one scorer's scores, asked about another's.</summary>
/// <param name="seed">Another seed, other users and candidates.</param>
/// <param name="users">They come back in turn, and are not alike.</param>
internal sealed class LoggedWorld(int seed, int users = 200)
{
    private const int Candidates = 10;

    private readonly Random _random = new(seed);

    public Exploration Exploration { get; init; } = new() { Epsilon = 0.2, Temperature = 1 };

    /// <summary>What is told in place of the propensity with which it was drawn.</summary>
    public Func<double, double> Told { get; init; } = p => p;

    /// <summary>The reward model: of the true chance of a reward.</summary>
    public Func<double, double> Model { get; init; } = _ => 0.5;

    /// <summary>The true value of the policy over the same visits, without the chance of who was drawn and who responded.</summary>
    public double TrueValue { get; private set; }

    public PolicyValue Play(int visits, double? cap = null)
    {
        var value = new PolicyValue(cap);
        var charm = Enumerable.Range(0, users).Select(_ => Normal()).ToArray();
        for (var visit = 0; visit < visits; visit++)
        {
            var user = visit % users;
            var rewards = new double[Candidates];
            var (logged, asked) = (new float[Candidates], new float[Candidates]);
            for (var k = 0; k < Candidates; k++)
            {
                var (a, b) = (Normal(), Normal());
                rewards[k] = Chance(a + (0.5 * charm[user]) - 0.5);
                (logged[k], asked[k]) = ((float)Chance((0.3 * a) + b), (float)Chance(a + (0.3 * b)));
            }

            var first = DrawnList.Of(logged, Exploration, $"{seed}-{visit}")[0];
            var chances = DrawnList.FirstPlace(asked, Exploration);
            var reward = _random.NextDouble() < rewards[first.Candidate] ? 1 : 0;
            TrueValue += chances.Zip(rewards, (p, r) => p * r).Sum() / visits;
            value.Add(
                new OffPolicyRow(
                    $"u-{user}",
                    chances[first.Candidate],
                    Told(first.Propensity),
                    reward,
                    Model(rewards[first.Candidate]),
                    chances.Zip(rewards, (p, r) => p * Model(r)).Sum()
                )
            );
        }

        return value;
    }

    private static double Chance(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
