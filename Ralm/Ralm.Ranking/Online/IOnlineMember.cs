namespace Ralm.Ranking.Online;

/// <summary>One learner of a mixture. Its memory does not grow with the rows.</summary>
internal interface IOnlineMember
{
    /// <summary>Probabilities it tells of each row.</summary>
    int Opinions { get; }

    void Score(OnlineRow row, Span<double> probabilities);

    /// <param name="boost">What its rate is multiplied by.</param>
    void Learn(OnlineRow row, double label, double boost);

    /// <summary>One that learns on by itself.</summary>
    IOnlineMember Copy();
}
