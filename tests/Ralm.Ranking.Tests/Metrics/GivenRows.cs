using Ralm.Ranking.Metrics;

namespace Ralm.Ranking.Tests.Metrics;

/// <summary>Rows of people who differ in how easily they are pleased, and scores that know something of it; many ties.</summary>
internal static class GivenRows
{
    public static (EvaluationRows Rows, float[] Scores) Of(int seed, int users = 40, int perUser = 15)
    {
        var random = new Random(seed);
        var (labels, user, candidate) = (new List<float>(), new List<int>(), new List<int>());
        var scores = new List<float>();
        for (var u = 0; u < users; u++)
        {
            var mood = (random.NextDouble() - 0.5) / 2;
            for (var k = 0; k < perUser; k++)
            {
                var chance = Math.Clamp(random.NextDouble() + mood, 0.02, 0.98);
                labels.Add(random.NextDouble() < chance ? 1 : 0);
                user.Add(1_000 + u);
                candidate.Add(k == 0 ? u : random.Next(users));
                scores.Add(MathF.Round((float)chance, 1));
            }
        }

        return (new EvaluationRows(labels.ToArray(), user.ToArray(), candidate.ToArray()), [.. scores]);
    }
}
