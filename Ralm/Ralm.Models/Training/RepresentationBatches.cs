using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Seeds;

namespace Ralm.Models.Training;

/// <summary>
/// Batches of phase 1: known responses, and candidates drawn against them by popularity,
/// p(k) = (ln(k + 2) - ln(k + 1)) / ln(D + 1) of rank k among D candidates (log-uniform, as the RALM paper samples).
/// </summary>
internal sealed class RepresentationBatches
{
    private const int MaxDrawn = 2_048;

    private readonly PreparedDataset _data;
    private readonly int _negatives;
    private readonly int[] _byPopularity;
    private readonly int[] _rank;
    private readonly float[] _logChances;
    private readonly Audiences _respondedTo;
    private readonly int[] _lastDrawn;
    private float[] _corrections = [];

    /// <param name="negatives">Candidates drawn per response of a batch.</param>
    public RepresentationBatches(PreparedDataset data, int negatives)
    {
        (_data, _negatives) = (data, negatives);
        var counts = new int[data.Meta.Candidates];
        foreach (var (_, candidate) in data.Responses)
        {
            counts[candidate]++;
        }

        _byPopularity = [.. Enumerable.Range(0, counts.Length).OrderByDescending(c => counts[c])];
        _rank = new int[counts.Length];
        for (var k = 0; k < counts.Length; k++)
        {
            _rank[_byPopularity[k]] = k;
        }

        _logChances = [.. _rank.Select(r => (float)Math.Log(Chance(r)))];
        _respondedTo = new Audiences(data.Meta.Users, [.. data.Responses.Select(r => (r.Candidate, r.User))]);
        _lastDrawn = new int[counts.Length];
        _lastDrawn.AsSpan().Fill(-1);
    }

    public int Rows => _data.Responses.Count;

    public double Backward(Learner learner, ReadOnlySpan<int> places, ulong seed)
    {
        var drawn = Math.Min(MaxDrawn, places.Length * _negatives);
        var (width, itemWidth) = (_data.Meta.UserWidth, _data.Meta.CandidateWidth);
        var users = new float[places.Length * width];
        var names = new long[places.Length + drawn];
        for (var k = 0; k < drawn; k++)
        {
            names[places.Length + k] = Draw(RandomStream.Uniform(RandomStream.Mix(seed, 5), k));
        }

        for (var k = 0; k < places.Length; k++)
        {
            var (user, candidate) = _data.Responses[places[k]];
            _data.UserNumbers(user, 1).CopyTo(users.AsSpan(k * width));
            names[k] = candidate;
        }

        var candidates = new float[names.Length * itemWidth];
        for (var k = 0; k < names.Length; k++)
        {
            _data.CandidateNumbers((int)names[k]).CopyTo(candidates.AsSpan(k * itemWidth));
        }

        var logChances = Array.ConvertAll(names, c => _logChances[c]);
        var corrections = Correct(places, names.AsSpan(places.Length), logChances.AsSpan(places.Length));
        return learner.BackwardRepresentation(users, candidates, names, logChances[..places.Length], corrections, seed);
    }

    /// <summary>
    /// What is taken off the affinities to those drawn: rows × drawn. Whom a user has responded to is looked up among those
    /// drawn, not the other way round: users respond to few.
    /// </summary>
    private float[] Correct(ReadOnlySpan<int> places, ReadOnlySpan<long> drawn, ReadOnlySpan<float> logChances)
    {
        if (_corrections.Length != places.Length * drawn.Length)
        {
            _corrections = new float[places.Length * drawn.Length];
        }

        // One that was drawn before, of the same candidate.
        var before = new int[drawn.Length];
        for (var n = 0; n < drawn.Length; n++)
        {
            (before[n], _lastDrawn[drawn[n]]) = (_lastDrawn[drawn[n]], n);
        }

        for (var k = 0; k < places.Length; k++)
        {
            var row = _corrections.AsSpan(k * drawn.Length, drawn.Length);
            logChances.CopyTo(row);
            foreach (var candidate in _respondedTo.Of(_data.Responses[places[k]].User))
            {
                for (var n = _lastDrawn[candidate]; n >= 0; n = before[n])
                {
                    row[n] += Learner.Excluded;
                }
            }
        }

        foreach (var candidate in drawn)
        {
            _lastDrawn[candidate] = -1;
        }

        return _corrections;
    }

    private double Chance(int rank) => (Math.Log(rank + 2) - Math.Log(rank + 1)) / Math.Log(_rank.Length + 1.0);

    private int Draw(float u) =>
        _byPopularity[Math.Clamp((int)Math.Exp(u * Math.Log(_rank.Length + 1.0)) - 1, 0, _rank.Length - 1)];
}
