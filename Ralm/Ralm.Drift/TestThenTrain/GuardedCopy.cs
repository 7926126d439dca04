using Ralm.Drift.Prequential;
using Ralm.Ranking.Online;
using Ralm.Ranking.Randomness;

namespace Ralm.Drift.TestThenTrain;

/// <summary>How a trial stands.</summary>
internal enum TrialOutcome
{
    Open,
    Won,
    Lost,
}

/// <summary>
/// The reaction to an alarm, on trial: a copy of what is served that rehearses the rows since the change, some for every row
/// that comes, and learns at a higher rate. It serves nobody until it has been better on the same rows beyond chance.
/// </summary>
internal sealed class GuardedCopy
{
    /// <summary>Times that the rows since the change are learned at once, and rows that are rehearsed with each new one.</summary>
    private const int Rehearsals = 4;

    private const double Boost = 2;

    /// <summary>Rows after which a copy that has not won is thrown away.</summary>
    private const int Patience = 2_000;

    /// <summary>Chance, at most, that the copy wins and is not better.</summary>
    private const double Alpha = 0.05;

    private readonly RecentRows _since = new(StreamLearner.Window);
    private PairedLosses _losses = new();
    private long _rehearsed;
    private double _said;

    /// <param name="served">Not changed.</param>
    /// <param name="since">Rows since the change, oldest first.</param>
    public GuardedCopy(OnlineMixture served, IEnumerable<LearnedRow> since)
    {
        Weights = served.Copy();
        foreach (var row in since)
        {
            _since.Add(row);
        }

        for (var k = 0; k < Rehearsals * _since.Count; k++)
        {
            Rehearse();
        }
    }

    public OnlineMixture Weights { get; }

    public void Score(OnlineRow row, double frozen) => _said = Weights.Score(row, frozen);

    /// <summary>The row that was scored last.</summary>
    /// <param name="served">What was served for it.</param>
    public TrialOutcome Learn(LearnedRow row, double served)
    {
        _losses = _losses.Add(row.Label, served, _said);
        Weights.Learn(row.Row, row.Label, Boost);
        _since.Add(row);
        for (var k = 0; k < Rehearsals; k++)
        {
            Rehearse();
        }

        return _losses.SecondIsBetter(Alpha) ? TrialOutcome.Won
            : _losses.Rows >= Patience || _losses.FirstIsBetter(Alpha) ? TrialOutcome.Lost
            : TrialOutcome.Open;
    }

    /// <summary>Any of the rows since the change; which, the number of rehearsals says.</summary>
    private void Rehearse()
    {
        var row = _since[(int)(RandomStream.Uniform(seed: 1, _rehearsed++) * _since.Count)];
        Weights.Rehearse(row.Row, row.Label, Boost);
    }
}
