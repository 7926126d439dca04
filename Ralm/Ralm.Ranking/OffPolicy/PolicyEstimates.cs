namespace Ralm.Ranking.OffPolicy;

/// <summary>A value, and the interval that holds the true one with the level asked for.</summary>
public sealed record ValueEstimate(double Estimate, double Lower, double Upper);

/// <summary>One decision as an estimate needs it. Rewards are 0 to 1.</summary>
/// <param name="User">Rows of one user are one cluster.</param>
/// <param name="PolicyChance">Of what was shown, by the policy asked about: 0 to 1.</param>
/// <param name="Propensity">The chance with which it was shown: above 0, at most 1.</param>
/// <param name="Reward">What came of it, 0 to 1.</param>
/// <param name="ExpectedOfShown">The reward model's answer for what was shown, without knowledge of this row.</param>
/// <param name="ExpectedOfPolicy">The same, in the mean over what the policy would have shown.</param>
public sealed record OffPolicyRow(
    string User,
    double PolicyChance,
    double Propensity,
    double Reward,
    double ExpectedOfShown = 0,
    double ExpectedOfPolicy = 0
);

/// <summary>What the log says of a policy that has not been shown.</summary>
/// <param name="LoggedValue">What those who decided have got: the mean reward.</param>
/// <param name="Ips">By inverse propensity; null where it is refused, as the others are.</param>
/// <param name="Snips">The same, by the sum of the weights.</param>
/// <param name="Dr">Doubly robust.</param>
/// <param name="EffectiveSampleSize">Kish's: so many rows of equal weights would say as much.</param>
/// <param name="MeanWeight">Of the rows, before any cap. Its expectation is 1: far from it, propensities are not what they say.</param>
/// <param name="LargestWeight">Before any cap.</param>
/// <param name="Cap">No weight counts for more; null: there is none.</param>
/// <param name="Capped">Rows whose weight was cut.</param>
/// <param name="Refused">Why there is no estimate; null: there is one.</param>
public sealed record PolicyEstimates(
    long Rows,
    int Users,
    ValueEstimate LoggedValue,
    ValueEstimate? Ips,
    ValueEstimate? Snips,
    ValueEstimate? Dr,
    double EffectiveSampleSize,
    double MeanWeight,
    double LargestWeight,
    double? Cap,
    long Capped,
    string? Refused
);
