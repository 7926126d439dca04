namespace Ralm.Ranking.Online;

/// <summary>Between probabilities and their log odds, both kept where arithmetic is safe.</summary>
internal static class LogOdds
{
    private const double Most = 30;

    public static double Of(double probability, double clip = 1e-5)
    {
        var p = Math.Clamp(probability, clip, 1 - clip);
        return Math.Log(p / (1 - p));
    }

    public static double ToProbability(double logOdds) => 1 / (1 + Math.Exp(-Math.Clamp(logOdds, -Most, Most)));
}
