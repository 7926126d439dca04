using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Online;

/// <summary>
/// A learner for streams without a setting: no rate is good both in peace and after a change, and no family on every
/// stream, so that several of each learn side by side and are mixed by how well they have done on the rows before. Each
/// opinion is calibrated first. One pass, bounded, and a function of the rows and the seed alone.
/// </summary>
/// <remarks>Which pieces are worth their place was measured on Elec2, SEA and made streams: docs/streams.md.</remarks>
public sealed class OnlineMixture
{
    private static readonly double[] MixerRates = [0.002, 0.01];

    private readonly IOnlineMember[] _members;
    private readonly OnlineCalibration[] _calibrations;
    private readonly HedgedPool _pool;
    private readonly LogOddsMixer[] _mixers;
    private readonly HedgedPool _last;
    private readonly double[] _opinions;
    private readonly double[] _mixed;

    /// <param name="width">Inputs of a row.</param>
    /// <param name="seed">Of the first weights.</param>
    public OnlineMixture(int width, ulong seed)
        : this(Members(width, seed)) { }

    private OnlineMixture(IOnlineMember[] members)
        : this(members, 1 + members.Sum(m => m.Opinions)) { }

    private OnlineMixture(IOnlineMember[] members, int opinions)
        : this(
            members,
            [.. Enumerable.Range(0, opinions).Select(_ => new OnlineCalibration())],
            new HedgedPool(opinions),
            [.. MixerRates.Select(r => new LogOddsMixer(opinions, r))],
            new HedgedPool(1 + MixerRates.Length)
        ) { }

    private OnlineMixture(
        IOnlineMember[] members,
        OnlineCalibration[] calibrations,
        HedgedPool pool,
        LogOddsMixer[] mixers,
        HedgedPool last
    )
    {
        (_members, _calibrations, _pool, _mixers, _last) = (members, calibrations, pool, mixers, last);
        (_opinions, _mixed) = (new double[calibrations.Length], new double[1 + mixers.Length]);
    }

    /// <summary>Probability of a positive.</summary>
    /// <param name="frozen">What the base says: one opinion of several.</param>
    public double Score(OnlineRow row, double frozen)
    {
        _opinions[0] = frozen;
        var next = 1;
        foreach (var member in _members)
        {
            member.Score(row, _opinions.AsSpan(next, member.Opinions));
            next += member.Opinions;
        }

        for (var k = 0; k < _opinions.Length; k++)
        {
            _opinions[k] = _calibrations[k].Map(_opinions[k]);
        }

        _mixed[0] = _pool.Mix(_opinions);
        for (var k = 0; k < _mixers.Length; k++)
        {
            _mixed[k + 1] = _mixers[k].Mix(_opinions);
        }

        return _last.Mix(_mixed);
    }

    /// <summary>
    /// The calmest opinion of the row that was scored last: weights averaged over some thousand rows. It shows a change
    /// that the mixture has learned before anybody could count its cost.
    /// </summary>
    public double Steady => _opinions[^1];

    /// <summary>The row that was scored last.</summary>
    /// <param name="label">0 to 1.</param>
    /// <param name="boost">What the members' rates are multiplied by.</param>
    public void Learn(OnlineRow row, double label, double boost = 1)
    {
        _last.Learn(_mixed, label);
        for (var k = 0; k < _mixers.Length; k++)
        {
            _mixers[k].Learn(_mixed[k + 1], label);
        }

        _pool.Learn(_opinions, label);
        foreach (var calibration in _calibrations)
        {
            calibration.Learn(label);
        }

        Rehearse(row, label, boost);
    }

    /// <summary>A row once more: the members learn, and are not judged by what they have seen before.</summary>
    public void Rehearse(OnlineRow row, double label, double boost = 1)
    {
        foreach (var member in _members)
        {
            member.Learn(row, label, boost);
        }
    }

    /// <summary>One that learns on by itself.</summary>
    public OnlineMixture Copy() =>
        new(
            [.. _members.Select(m => m.Copy())],
            [.. _calibrations.Select(c => c.Copy())],
            _pool.Copy(),
            [.. _mixers.Select(m => m.Copy())],
            _last.Copy()
        );

    /// <summary>A slow and a quick line without the labels' history, a line and a network with it, a network without.</summary>
    private static IOnlineMember[] Members(int width, ulong seed) =>
        [
            new LogisticMember(width, LabelHistory.Width, 0.002),
            new LogisticMember(width, LabelHistory.Width, 0.2),
            new LogisticMember(width, 0, 0.1),
            new NetworkMember(width, LabelHistory.Width, 0.05, RandomStream.Mix(seed, 1)),
            new NetworkMember(width, 0, 0.05, RandomStream.Mix(seed, 2)),
        ];
}
