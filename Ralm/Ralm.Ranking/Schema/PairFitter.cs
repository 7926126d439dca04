using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>Fits a pair feature: first sees people's tags, then, once <see cref="Begin"/> was called, training pairs.</summary>
/// <param name="user">The user's feature.</param>
/// <param name="candidate">The candidate's.</param>
public sealed class PairFitter(string name, PairKind kind, string user, string candidate)
{
    private const int MaxTags = 65_536;

    private readonly Vocabulary _tags = new();
    private readonly RunningMoments[] _moments =
    [
        .. Enumerable.Range(0, PairSpec.NumbersOf(kind)).Select(_ => new RunningMoments()),
    ];
    private int _people;

    public string User => user;

    public string Candidate => candidate;

    /// <summary>One person who has the feature, of either side.</summary>
    public void See(Feature? feature)
    {
        if (kind != PairKind.Overlap || feature is not { ValueCase: Feature.ValueOneofCase.Texts })
        {
            return;
        }

        _people++;
        foreach (var tag in Bags.Count(feature.Texts).Keys)
        {
            _tags.Add(tag);
        }
    }

    /// <summary>Knows frequencies, not scales yet.</summary>
    public PairSpec Begin()
    {
        var common = _tags.MostFrequent(MaxTags, least: 3);
        return new PairSpec(name, kind, user, candidate, [], [])
        {
            Frequencies =
                kind == PairKind.Overlap
                    ? new TagFrequencies(_people, common, [.. common.Select(t => _tags[t])])
                    : null,
        };
    }

    public void See(PairSpec begun, PairSide ofUser, PairSide ofCandidate)
    {
        Span<double> raw = stackalloc double[_moments.Length];
        if (begun.Compare(ofUser, ofCandidate, raw))
        {
            for (var k = 0; k < raw.Length; k++)
            {
                _moments[k].Add(raw[k]);
            }
        }
    }

    public PairSpec Fit(PairSpec begun) =>
        begun with
        {
            Mean = [.. _moments.Select(m => m.Mean)],
            Scale = [.. _moments.Select(m => m.OverDeviation)],
        };
}
