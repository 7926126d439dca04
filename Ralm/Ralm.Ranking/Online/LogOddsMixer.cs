namespace Ralm.Ranking.Online;

/// <summary>
/// Log odds of opinions, added up with weights that are learned: opinions that err apart from one another say more together
/// than the best of them (Mattern, Mixing Strategies in Data Compression, 2012).
/// </summary>
internal sealed class LogOddsMixer
{
    private const double Clip = 1e-4;

    private readonly double _rate;
    private readonly double[] _weights;
    private readonly double[] _odds;

    public LogOddsMixer(int opinions, double rate)
        : this(new double[opinions + 1], rate) => Array.Fill(_weights, 1.0 / opinions, 0, opinions);

    private LogOddsMixer(double[] weights, double rate) =>
        (_weights, _rate, _odds) = (weights, rate, new double[weights.Length]);

    public double Mix(ReadOnlySpan<double> opinions)
    {
        double sum = 0;
        for (var k = 0; k < _weights.Length; k++)
        {
            _odds[k] = k < opinions.Length ? LogOdds.Of(opinions[k], Clip) : 0.3;
            sum += _weights[k] * _odds[k];
        }

        return LogOdds.ToProbability(sum);
    }

    /// <summary>Of the opinions mixed last, and what became of them.</summary>
    public void Learn(double mixed, double label)
    {
        for (var k = 0; k < _weights.Length; k++)
        {
            _weights[k] -= _rate * (mixed - label) * _odds[k];
        }
    }

    public LogOddsMixer Copy() => new([.. _weights], _rate);
}
