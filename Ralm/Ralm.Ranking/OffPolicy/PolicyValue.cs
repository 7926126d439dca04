using System.Globalization;
using System.Runtime.InteropServices;
using Ralm.Ranking.Statistics;

namespace Ralm.Ranking.OffPolicy;

/// <summary>
/// The value of a policy from decisions of others, each weighted by how much likelier the policy would have taken it. Rows come one
/// by one; what is kept is a few sums per user.
/// </summary>
/// <remarks>
/// <para>IPS, mean of w r with w = policy's chance / propensity (Horvitz and Thompson 1952): unbiased, and of large variance where
/// weights are. SNIPS, sum of w r / sum of w (Swaminathan and Joachims 2015): a little biased, of less variance. Doubly robust,
/// mean of q(policy) + w (r - q(shown)) (Dudik, Langford and Li 2011): unbiased if propensities or the reward model q are right.</para>
/// <para>Intervals are of whole users, whose rows are alike: estimate +- t s, s by the delta method over users' sums. t is Student's with
/// 2 S2^2 / (S4 - S2^2 / users) degrees of freedom, S2 and S4 the sums of squares and of fourth powers of the users' parts of the error
/// (Satterthwaite 1946): an error that rests on few large weights makes it wider. They are cut to what a reward can be. The effective
/// sample size is Kish's (1965): (sum of w) squared / sum of w squared.</para>
/// </remarks>
/// <param name="cap">No weight counts for more (Ionides 2008): less variance, for a bias towards 0 of IPS, towards q of DR. Null: none.</param>
/// <param name="level">With which an interval holds the true value, above 0 and below 1.</param>
public sealed class PolicyValue(double? cap = null, double level = 0.95)
{
    /// <summary>Below it nothing is estimated: intervals of so few rows do not keep what they promise.</summary>
    public const int LeastRows = 1_000;

    /// <summary>The same of the effective sample size.</summary>
    public const double LeastEffectiveSize = 30;

    private readonly double _cap = cap is null or (> 0 and < double.PositiveInfinity)
        ? cap ?? double.PositiveInfinity
        : throw new ArgumentOutOfRangeException(nameof(cap), cap, "must be a number above 0");
    private readonly double _level = level is > 0 and < 1
        ? level
        : throw new ArgumentOutOfRangeException(nameof(level), level, "must be above 0 and below 1");
    private readonly Dictionary<string, Sums> _users = new(StringComparer.Ordinal);
    private Sums _all;
    private double _squares;
    private double _uncapped;
    private double _largest;
    private long _capped;

    /// <exception cref="ArgumentOutOfRangeException">A number is not within what its name says; nothing is added.</exception>
    public void Add(OffPolicyRow row)
    {
        Require(row.Propensity is > 0 and <= 1, nameof(row.Propensity), row.Propensity, "must be above 0, at most 1");
        Require(row.PolicyChance is >= 0 and <= 1, nameof(row.PolicyChance), row.PolicyChance, "must be 0 to 1");
        Require(row.Reward is >= 0 and <= 1, nameof(row.Reward), row.Reward, "must be 0 to 1");
        Require(
            row.ExpectedOfShown is >= 0 and <= 1,
            nameof(row.ExpectedOfShown),
            row.ExpectedOfShown,
            "must be 0 to 1"
        );
        Require(
            row.ExpectedOfPolicy is >= 0 and <= 1,
            nameof(row.ExpectedOfPolicy),
            row.ExpectedOfPolicy,
            "must be 0 to 1"
        );
        var told = row.PolicyChance / row.Propensity;
        var weight = Math.Min(told, _cap);
        var sums = new Sums(
            1,
            weight,
            row.Reward,
            weight * row.Reward,
            row.ExpectedOfPolicy + (weight * (row.Reward - row.ExpectedOfShown))
        );
        ref var user = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, row.User, out _);
        user += sums;
        _all += sums;
        _squares += weight * weight;
        _uncapped += told;
        _largest = Math.Max(_largest, told);
        _capped += told > _cap ? 1 : 0;
    }

    /// <summary>What the rows so far say.</summary>
    public PolicyEstimates Estimate()
    {
        var effective = _squares > 0 ? _all.Weight * _all.Weight / _squares : 0;
        var refused =
            _all.Rows < LeastRows ? Text($"has {_all.Rows:N0} decisions; must be at least {LeastRows:N0}")
            : effective < LeastEffectiveSize
                ? Text(
                    $"has an effective sample size of {effective:F1}; must be at least {LeastEffectiveSize:N0}: what was shown is too far from what the policy would have shown"
                )
            : null;
        return new PolicyEstimates(
            (long)_all.Rows,
            _users.Count,
            Ratio(s => s.Reward, s => s.Rows),
            refused is null ? Ratio(s => s.WeightedReward, s => s.Rows) : null,
            refused is null ? Ratio(s => s.WeightedReward, s => s.Weight) : null,
            refused is null ? Ratio(s => s.Robust, s => s.Rows) : null,
            effective,
            _all.Rows > 0 ? _uncapped / _all.Rows : 0,
            _largest,
            cap,
            _capped,
            refused
        );
    }

    private ValueEstimate Ratio(Func<Sums, double> above, Func<Sums, double> below)
    {
        var size = below(_all);
        if (size <= 0)
        {
            return new ValueEstimate(0, 0, 1);
        }

        var value = above(_all) / size;
        var (squares, fourths) = (0.0, 0.0);
        foreach (var user in _users.Values)
        {
            var square = Square(above(user) - (value * below(user)));
            squares += square;
            fourths += square * square;
        }

        if (_users.Count < 2)
        {
            return new ValueEstimate(value, Math.Min(0, value), Math.Max(1, value));
        }

        var error = Math.Sqrt(squares * _users.Count / (_users.Count - 1)) / size;
        // What the sum of squares would have if it were of so many normal errors: of one error alone 2.
        var spread = fourths - (squares * squares / _users.Count);
        var most = _users.Count - 1.0;
        var freedom = spread > 0 ? Math.Min(most, 2 * squares * squares / spread) : most;
        var half = error * Tails.StudentQuantile(freedom, (1 - _level) / 2);
        return new ValueEstimate(
            value,
            Math.Min(value, Math.Max(0, value - half)),
            Math.Max(value, Math.Min(1, value + half))
        );
    }

    private static double Square(double x) => x * x;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Require(bool holds, string name, double value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, rule);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sums(double Rows, double Weight, double Reward, double WeightedReward, double Robust)
    {
        public static Sums operator +(in Sums a, in Sums b) =>
            new(
                a.Rows + b.Rows,
                a.Weight + b.Weight,
                a.Reward + b.Reward,
                a.WeightedReward + b.WeightedReward,
                a.Robust + b.Robust
            );
    }
}
