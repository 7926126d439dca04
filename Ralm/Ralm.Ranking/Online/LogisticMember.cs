namespace Ralm.Ranking.Online;

/// <summary>Logistic regression by stochastic gradient descent at one constant rate.</summary>
/// <param name="first">Of the inputs it sees: with the label's history from 0, without behind it.</param>
internal sealed class LogisticMember(int width, int first, double rate) : IOnlineMember
{
    private double[] _weights = new double[width];

    public int Opinions => 1;

    public void Score(OnlineRow row, Span<double> probabilities) => probabilities[0] = Probability(row);

    public void Learn(OnlineRow row, double label, double boost)
    {
        var active = row.From(first);
        var step = OnlineSteps.Rate(rate * boost, OnlineSteps.SquaredLength(row, active)) * (Probability(row) - label);
        foreach (var k in active)
        {
            _weights[k] -= step * row.Inputs[k];
        }
    }

    public IOnlineMember Copy() => new LogisticMember(width, first, rate) { _weights = [.. _weights] };

    private double Probability(OnlineRow row)
    {
        double sum = 0;
        foreach (var k in row.From(first))
        {
            sum += _weights[k] * row.Inputs[k];
        }

        return LogOdds.ToProbability(sum);
    }
}
