namespace Ralm.Ranking.Online;

/// <summary>
/// From what a learner says to how often that came true: knots over its log odds, between which it is a line, each moved
/// by the labels that fell beside it (as the adaptive maps of data compression; Mahoney 2005).
/// </summary>
internal sealed class OnlineCalibration
{
    private const int Knots = 33;

    /// <summary>The outer knots stand at this share of the way to certainty: log odds of 9.</summary>
    private const double Edge = 0.9;

    /// <summary>A knot's own first value weighs so many labels.</summary>
    private const double Prior = 20;

    /// <summary>Least share of a label beside a knot: it forgets older ones than some hundred.</summary>
    private const double LeastShare = 0.003;

    private readonly double[] _values;
    private readonly double[] _counts;
    private int _below;
    private double _part;

    public OnlineCalibration()
        : this(new double[Knots], new double[Knots])
    {
        for (var k = 0; k < Knots; k++)
        {
            var place = Edge * ((2.0 * k / (Knots - 1)) - 1);
            _values[k] = LogOdds.ToProbability(place / (1 - Math.Abs(place)));
        }
    }

    private OnlineCalibration(double[] values, double[] counts) => (_values, _counts) = (values, counts);

    public double Map(double probability)
    {
        var odds = LogOdds.Of(probability);
        // Dense where opinions are divided.
        var place = Math.Clamp(odds / (1 + Math.Abs(odds)) / Edge, -0.9999, 0.9999);
        var knot = (place + 1) / 2 * (Knots - 1);
        _below = (int)knot;
        _part = knot - _below;
        return (_values[_below] * (1 - _part)) + (_values[_below + 1] * _part);
    }

    /// <summary>Of the probability mapped last.</summary>
    public void Learn(double label)
    {
        Move(_below, 1 - _part, label);
        Move(_below + 1, _part, label);
    }

    public OnlineCalibration Copy() => new([.. _values], [.. _counts]) { _below = _below, _part = _part };

    private void Move(int knot, double part, double label)
    {
        _counts[knot] += part;
        _values[knot] += part * Math.Max(LeastShare, 1 / (_counts[knot] + Prior)) * (label - _values[knot]);
    }
}
